-- The live log: what changed, numbered per organisation without a hole, written in the transaction of the change. Live
-- streams read it from any number on, so a reconnect loses nothing and repeats nothing. It is bounded by its writer; a
-- reader that fell out of it is told to read the list again.

create table incidents.incident_changes (
  org_id uuid not null,
  seq bigint not null,
  number integer not null,
  title text not null,
  status text not null,
  severity text not null,
  updated_at timestamptz not null,
  primary key (org_id, seq)
);

alter table incidents.incident_changes enable row level security;
alter table incidents.incident_changes force row level security;

create policy incident_changes_of_organisation on incidents.incident_changes
  to aurora_incidents
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

grant select, insert, delete on incidents.incident_changes to aurora_incidents;
