-- Work to do, as ids only: a worker claims across organisations, so a row must hold nothing that belongs to one.

create table incidents.monitoring_queue (
  event_id uuid primary key,
  org_id uuid not null,
  -- when it may be taken; a claim moves this ahead, so the work of a worker that died comes back by itself
  available_at timestamptz not null default now(),
  attempts integer not null default 0,
  foreign key (org_id, event_id) references incidents.monitoring_events (org_id, id)
);

create index monitoring_queue_of_organisation on incidents.monitoring_queue (org_id, event_id);

alter table incidents.monitoring_queue enable row level security;
alter table incidents.monitoring_queue force row level security;

create policy monitoring_queue_of_organisation on incidents.monitoring_queue
  to aurora_incidents
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

-- for update needs the right to update one column, and a failed attempt is put off
grant select, insert, delete, update (available_at) on incidents.monitoring_queue to aurora_incidents;

grant usage, create on schema incidents to aurora_resolver;
grant select, update (available_at, attempts) on incidents.monitoring_queue to aurora_resolver;

-- this role cannot log in, and its only way to these rows is the function below
create policy monitoring_queue_claim on incidents.monitoring_queue
  to aurora_resolver
  using (true)
  with check (true);

create function incidents.claim_events (batch integer, lease interval)
  returns table (event_id uuid, org_id uuid, attempts integer)
  language sql
  volatile
  security definer
  set search_path = pg_catalog
as $$
  update incidents.monitoring_queue as item
  set available_at = clock_timestamp() + least(lease, interval '5 minutes'),
    attempts = item.attempts + 1
  where item.event_id = any (array(
    select due.event_id
    from incidents.monitoring_queue as due
    where due.available_at <= clock_timestamp()
    order by due.event_id
    limit least(batch, 100)
    for update skip locked
  ))
  returning item.event_id, item.org_id, item.attempts
$$;

revoke all on function incidents.claim_events (integer, interval) from public;
grant execute on function incidents.claim_events (integer, interval) to aurora_incidents;
alter function incidents.claim_events (integer, interval) owner to aurora_resolver;
revoke create on schema incidents from aurora_resolver;
