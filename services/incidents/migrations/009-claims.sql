-- A claim says whose it is, so that a worker that lost the database takes up its own work again as soon as the database
-- is back, instead of waiting for the end of a lease that is meant for workers that died.

-- of one start of one process; says nothing about whose the event is
alter table incidents.monitoring_queue
  add column claimed_by uuid;

-- what is put off belongs to nobody
grant update (claimed_by) on incidents.monitoring_queue to aurora_incidents;

grant usage, create on schema incidents to aurora_resolver;
grant update (claimed_by) on incidents.monitoring_queue to aurora_resolver;

drop function incidents.claim_events (integer, interval);

-- the worker has a default for replicas that are not replaced yet: their claims end with their lease, as before
create function incidents.claim_events (batch integer, lease interval, worker uuid default null)
  returns table (event_id uuid, org_id uuid, attempts integer)
  language sql
  volatile
  security definer
  set search_path = pg_catalog
as $$
  update incidents.monitoring_queue as item
  set available_at = clock_timestamp() + least(lease, interval '5 minutes'),
    attempts = item.attempts + 1,
    claimed_by = worker
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

-- Rows that are locked are left to their lease: a transaction that we have lost may still be at work on them in the
-- server. The attempt counts for the event that was being tried, in case it is what brings the database down; those
-- behind it were never tried.
create function incidents.release_events (worker uuid, tried uuid)
  returns integer
  language sql
  volatile
  security definer
  set search_path = pg_catalog
as $$
  with released as (
    update incidents.monitoring_queue as item
    set available_at = clock_timestamp(),
      attempts = item.attempts - case when item.event_id is distinct from tried then 1 else 0 end,
      claimed_by = null
    where item.event_id = any (array(
      select mine.event_id
      from incidents.monitoring_queue as mine
      where mine.claimed_by = worker
      for update skip locked
    ))
    returning 1
  )
  select count(*)::integer
  from released
$$;

revoke all on function incidents.claim_events (integer, interval, uuid) from public;
grant execute on function incidents.claim_events (integer, interval, uuid) to aurora_incidents;
alter function incidents.claim_events (integer, interval, uuid) owner to aurora_resolver;
revoke all on function incidents.release_events (uuid, uuid) from public;
grant execute on function incidents.release_events (uuid, uuid) to aurora_incidents;
alter function incidents.release_events (uuid, uuid) owner to aurora_resolver;
revoke create on schema incidents from aurora_resolver;
