-- What happened. Rows enter through audit.append alone, and no statement of anyone changes or removes one.

set local role aurora_audit;
alter default privileges revoke execute on functions from public;

create table audit.events (
  id uuid primary key default uuidv7(),
  at timestamptz not null default clock_timestamp(),
  xact xid8 not null default pg_current_xact_id(),
  service text not null,
  org_id uuid,
  person_id uuid,
  action text not null check (action ~ '^[a-z][a-z0-9_.:-]{0,99}$'),
  target text not null check (char_length(target) <= 500),
  outcome text not null check (outcome in ('success', 'refused', 'failure')),
  detail jsonb not null check (jsonb_typeof(detail) = 'object' and octet_length(detail::text) <= 16384),
  request_id text not null check (char_length(request_id) <= 100),
  -- The chain of rows without an organisation bears this name.
  check (org_id <> '00000000-0000-0000-0000-000000000000')
);

create index events_of_organisation on audit.events (org_id, id desc);

-- What the sealer has not chained yet. A queue, not a high-water mark: a row that commits late is simply sealed later.
create table audit.unsealed (
  event_id uuid primary key,
  xact xid8 not null
);

create index unsealed_in_order on audit.unsealed (xact, event_id);

create function audit.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog
as $$
begin
  raise exception 'audit.% is append only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger events_are_immutable before update or delete on audit.events
  for each row execute function audit.refuse_change();
create trigger events_are_not_truncated before truncate on audit.events
  for each statement execute function audit.refuse_change();

alter table audit.events enable row level security;
alter table audit.events force row level security;
alter table audit.unsealed enable row level security;
alter table audit.unsealed force row level security;

-- The definer functions run as their owner, which cannot log in.
create policy events_of_definer on audit.events to aurora_audit using (true) with check (true);
create policy unsealed_of_definer on audit.unsealed to aurora_audit using (true) with check (true);

create policy events_of_organisation on audit.events for select to aurora_auth
  using (org_id = (select app.org_id()));

grant usage on schema audit to aurora_auth, aurora_secrets, aurora_incidents, aurora_chat, aurora_retention;
grant select on audit.events to aurora_auth;
