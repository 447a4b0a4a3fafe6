-- What happened, in order, and nobody can rewrite it: the service holds no right to update or delete, and a trigger
-- refuses whoever might.

create table incidents.incident_timeline (
  id uuid primary key default uuidv7(),
  org_id uuid not null,
  incident_id uuid not null,
  -- the wall clock, not the transaction's start: entries are written under the incident's row lock, so this is their order
  at timestamptz not null default clock_timestamp(),
  kind text not null check (kind ~ '^[a-z][a-z-]{1,30}$'),
  actor_kind text not null check (actor_kind in ('person', 'source', 'system')),
  actor_id uuid,
  actor_name text not null check (char_length(actor_name) between 1 and 200),
  text text not null check (char_length(text) <= 4000),
  foreign key (org_id, incident_id) references incidents.incidents (org_id, id)
);

create index incident_timeline_of_incident on incidents.incident_timeline (org_id, incident_id, at, id);

alter table incidents.incident_timeline enable row level security;
alter table incidents.incident_timeline force row level security;

create policy incident_timeline_of_organisation on incidents.incident_timeline
  to aurora_incidents
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

grant select, insert on incidents.incident_timeline to aurora_incidents;

create function incidents.refuse_rewriting ()
  returns trigger
  language plpgsql
  set search_path = pg_catalog
as $$
begin
  raise exception 'the timeline only grows' using errcode = 'insufficient_privilege';
end
$$;

create trigger incident_timeline_only_grows
  before update or delete on incidents.incident_timeline
  for each row execute function incidents.refuse_rewriting();

create trigger incident_timeline_is_not_emptied
  before truncate on incidents.incident_timeline
  for each statement execute function incidents.refuse_rewriting();
