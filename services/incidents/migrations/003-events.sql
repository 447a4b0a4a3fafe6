-- An event is one delivery as it came: the bytes that were signed, and what became of them. The two ids make a delivery
-- unique: delivery_id is taken from what the signature covers, sender_id from a header (which a replay could change).

create table incidents.monitoring_events (
  id uuid primary key default uuidv7(),
  org_id uuid not null,
  source_id uuid not null,
  delivery_id text not null check (char_length(delivery_id) between 1 and 200),
  sender_id text check (char_length(sender_id) between 1 and 200),
  body bytea not null check (octet_length(body) <= 1048576),
  received_at timestamptz not null default now(),
  status text not null default 'pending' check (status in ('pending', 'processed', 'ignored', 'parked')),
  -- why it was ignored or parked
  reason text check (char_length(reason) <= 500),
  settled_at timestamptz,
  unique (org_id, source_id, delivery_id),
  unique (org_id, source_id, sender_id),
  unique (org_id, id),
  foreign key (org_id, source_id) references incidents.monitoring_sources (org_id, id)
);

alter table incidents.monitoring_events enable row level security;
alter table incidents.monitoring_events force row level security;

create policy monitoring_events_of_organisation on incidents.monitoring_events
  to aurora_incidents
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

-- what was delivered cannot be changed afterwards, only what was made of it
grant select, insert, update (status, reason, settled_at) on incidents.monitoring_events to aurora_incidents;
