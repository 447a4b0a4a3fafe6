-- An alert is one firing of one thing: the sender's fingerprint and when it began. The same fingerprint fires again
-- later as another alert. source_time is the sender's clock for the state that we hold: an older state that arrives
-- late does not undo a newer one. An alert that was resolved before we saw it fire belongs to no incident, and keeps
-- the late firing from opening one.

create table incidents.monitoring_alerts (
  id uuid primary key default uuidv7(),
  org_id uuid not null,
  source_id uuid not null,
  incident_id uuid,
  fingerprint text not null check (char_length(fingerprint) between 1 and 200),
  group_key text not null check (group_key ~ '^[0-9a-f]{64}$'),
  title text not null check (char_length(title) between 1 and 300),
  severity text not null check (severity in ('critical', 'high', 'medium', 'low', 'info')),
  status text not null check (status in ('firing', 'resolved')),
  service text check (char_length(service) <= 200),
  labels jsonb not null default '{}' check (jsonb_typeof(labels) = 'object'),
  url text check (char_length(url) <= 2000),
  starts_at timestamptz not null,
  ends_at timestamptz,
  source_time timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (org_id, source_id, fingerprint, starts_at),
  foreign key (org_id, source_id) references incidents.monitoring_sources (org_id, id),
  foreign key (org_id, incident_id) references incidents.incidents (org_id, id)
);

create index monitoring_alerts_of_incident on incidents.monitoring_alerts (org_id, incident_id, id);

alter table incidents.monitoring_alerts enable row level security;
alter table incidents.monitoring_alerts force row level security;

create policy monitoring_alerts_of_organisation on incidents.monitoring_alerts
  to aurora_incidents
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

grant select, insert on incidents.monitoring_alerts to aurora_incidents;
grant update (incident_id, title, severity, status, service, labels, url, ends_at, source_time, updated_at)
  on incidents.monitoring_alerts to aurora_incidents;
