-- The queue is everybody's. Taken in the order of arrival, a storm of one organisation stands in front of the one alert of every other. So each
-- organisation that waits gets its oldest event into a batch before any gets its second.

create or replace function incidents.claim_events (batch integer, lease interval, worker uuid default null)
  returns table (event_id uuid, org_id uuid, attempts integer)
  language sql
  volatile
  security definer
  set search_path = pg_catalog
as $$
  -- from one organisation of the index to the next, past all the events of each
  with recursive waiting as (
    (
      select first.org_id
      from incidents.monitoring_queue as first
      order by first.org_id
      limit 1
    )
    union all
    select (
      select next.org_id
      from incidents.monitoring_queue as next
      where next.org_id > waiting.org_id
      order by next.org_id
      limit 1
    )
    from waiting
    where waiting.org_id is not null
  ), fair as (
    select oldest.event_id
    from waiting
    cross join lateral (
      select due.event_id, row_number() over (order by due.org_id, due.event_id) as round
      from incidents.monitoring_queue as due
      -- not `=`: the order is then that of one index alone, and the planner cannot walk through everybody's events for the few of one
      where due.org_id between waiting.org_id and waiting.org_id
      and due.available_at <= clock_timestamp()
      order by due.org_id, due.event_id
      limit least(batch, 100)
    ) as oldest
    order by oldest.round, oldest.event_id
    limit least(batch, 100)
  )
  update incidents.monitoring_queue as item
  set available_at = clock_timestamp() + least(lease, interval '5 minutes'),
    attempts = item.attempts + 1,
    claimed_by = worker
  where item.event_id = any (array(
    select due.event_id
    from incidents.monitoring_queue as due
    where due.event_id in (select fair.event_id from fair)
    -- asked again: another worker may have been quicker
    and due.available_at <= clock_timestamp()
    for update skip locked
  ))
  returning item.event_id, item.org_id, item.attempts
$$;
