-- One chain for each organisation and one (the nil uuid) for what has none: hash = sha256(previous hash || canonical bytes of the row).

set local role aurora_audit;

create table audit.chain (
  chain uuid not null,
  position bigint not null check (position > 0),
  event_id uuid not null unique references audit.events,
  hash bytea not null check (length(hash) = 32),
  primary key (chain, position)
);

-- Where each chain ends: the one row that moves, and it only moves forward.
create table audit.heads (
  chain uuid primary key,
  position bigint not null,
  hash bytea not null
);

-- Heads as `secrets` signed them with Transit. The same lines are written out of the database, so that no one who owns it can rewrite both.
create table audit.signatures (
  chain uuid not null,
  position bigint not null,
  hash bytea not null,
  signature text not null check (char_length(signature) between 1 and 1000),
  key_version integer not null check (key_version > 0),
  at timestamptz not null default clock_timestamp(),
  primary key (chain, position)
);

create function audit.refuse_return() returns trigger
language plpgsql set search_path = pg_catalog
as $$
begin
  if new.chain <> old.chain or new.position <= old.position then
    raise exception 'a head of audit.heads only moves forward' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;

create trigger chain_is_immutable before update or delete on audit.chain
  for each row execute function audit.refuse_change();
create trigger chain_is_not_truncated before truncate on audit.chain
  for each statement execute function audit.refuse_change();
create trigger signatures_are_immutable before update or delete on audit.signatures
  for each row execute function audit.refuse_change();
create trigger signatures_are_not_truncated before truncate on audit.signatures
  for each statement execute function audit.refuse_change();
create trigger heads_move_forward before update on audit.heads
  for each row execute function audit.refuse_return();
create trigger heads_stay before delete on audit.heads
  for each row execute function audit.refuse_change();
create trigger heads_are_not_truncated before truncate on audit.heads
  for each statement execute function audit.refuse_change();

alter table audit.chain enable row level security;
alter table audit.chain force row level security;
alter table audit.heads enable row level security;
alter table audit.heads force row level security;
alter table audit.signatures enable row level security;
alter table audit.signatures force row level security;

create policy chain_of_definer on audit.chain to aurora_audit using (true) with check (true);
create policy heads_of_definer on audit.heads to aurora_audit using (true) with check (true);
create policy signatures_of_definer on audit.signatures to aurora_audit using (true) with check (true);

create function audit.chain_of(org_id uuid) returns uuid
language sql immutable parallel safe
return coalesce(org_id, '00000000-0000-0000-0000-000000000000'::uuid);

create function audit.organisation_of(chain uuid) returns uuid
language sql immutable parallel safe
return nullif(chain, '00000000-0000-0000-0000-000000000000'::uuid);

-- What the first row of a chain is chained to: bound to the chain, so that one chain cannot be shown in place of another.
create function audit.genesis(chain uuid) returns bytea
language sql immutable parallel safe
return sha256(convert_to('aurora audit chain ' || chain, 'UTF8'));

-- Every column in one jsonb array, whose text form is the same for the same values everywhere. Time as microseconds, so no time zone or style enters.
create function audit.canonical(event audit.events) returns bytea
language sql stable parallel safe
return convert_to(jsonb_build_array(
  event.id, (extract(epoch from event.at) * 1000000)::bigint, event.xact::text, event.service, event.org_id, event.person_id,
  event.action, event.target, event.outcome, event.detail, event.request_id
)::text, 'UTF8');
