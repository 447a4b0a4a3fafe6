-- Incidents are numbered 1, 2, 3 … per organisation. The counter is a row that is locked until the incident's own
-- transaction ends, so a rolled back one leaves no hole and two at once cannot meet. The same row numbers the changes
-- of the live log (008), so changes become visible in the order of their numbers.

create table incidents.counters (
  org_id uuid primary key,
  last_number integer not null default 0,
  last_change bigint not null default 0
);

alter table incidents.counters enable row level security;
alter table incidents.counters force row level security;

create policy counters_of_organisation on incidents.counters
  to aurora_incidents
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

grant select, insert, update (last_number, last_change) on incidents.counters to aurora_incidents;

create table incidents.incidents (
  id uuid primary key default uuidv7(),
  org_id uuid not null,
  number integer not null check (number > 0),
  title text not null check (char_length(title) between 1 and 300),
  status text not null default 'triggered'
    check (status in ('triggered', 'acknowledged', 'mitigated', 'resolved', 'closed', 'merged', 'cancelled')),
  severity text not null check (severity in ('critical', 'high', 'medium', 'low', 'info')),
  -- what it came from: the kind of the source, which stays readable when the source is gone
  source text not null check (char_length(source) between 1 and 40),
  source_id uuid,
  -- sha-256 of the sender's own key: those can be thousands of characters, more than an index takes
  group_key text check (group_key ~ '^[0-9a-f]{64}$'),
  service text check (char_length(service) <= 200),
  alert_count integer not null default 0 check (alert_count >= 0),
  version integer not null default 1,
  acknowledged_by uuid,
  acknowledged_by_name text check (char_length(acknowledged_by_name) <= 200),
  acknowledged_at timestamptz,
  resolved_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (org_id, number),
  unique (org_id, id),
  foreign key (org_id, source_id) references incidents.monitoring_sources (org_id, id)
);

-- one open incident per group: two workers that both saw none cannot both open one
create unique index incidents_open_group on incidents.incidents (org_id, source_id, group_key)
  where status in ('triggered', 'acknowledged', 'mitigated');

-- the filtered list is read in the order of numbers; = on text is leakproof, so the policy lets it use these
create index incidents_by_status on incidents.incidents (org_id, status, number);
create index incidents_by_severity on incidents.incidents (org_id, severity, number);

alter table incidents.incidents enable row level security;
alter table incidents.incidents force row level security;

create policy incidents_of_organisation on incidents.incidents
  to aurora_incidents
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

grant select, insert on incidents.incidents to aurora_incidents;
grant update (title, status, severity, service, alert_count, version, acknowledged_by, acknowledged_by_name,
  acknowledged_at, resolved_at, updated_at) on incidents.incidents to aurora_incidents;
