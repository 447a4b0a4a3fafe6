-- As before, in parts: a service ends each of its statements after ten seconds, and whoever acknowledged by a program for years has more entries than fit into one.
-- Such a person would never have been erased.

drop function incidents.forget_person (uuid);

grant select (id) on incidents.incidents to aurora_resolver;
grant select (id) on incidents.monitoring_sources to aurora_resolver;

-- create is what a function's new owner needs for a moment, and only then
grant create on schema incidents to aurora_resolver;

-- So many rows of each kind in the scope's organisation. Answers how many named the person; 0: there are no more.
create function incidents.forget_person (whose uuid, most integer)
  returns integer
  language sql
  security definer
  set search_path = pg_catalog
as $$
  with entries as (
    update incidents.incident_timeline
    set actor_id = null,
        actor_name = 'a former member',
        text = replace(text, ' by ' || actor_name, ' by a former member')
    where id in (select id from incidents.incident_timeline where org_id = app.org_id() and actor_id = whose limit most)
    returning 1
  ), acknowledgements as (
    update incidents.incidents
    set acknowledged_by = null,
        acknowledged_by_name = 'a former member'
    where id in (select id from incidents.incidents where org_id = app.org_id() and acknowledged_by = whose limit most)
    returning 1
  ), sources as (
    update incidents.monitoring_sources
    set created_by = null
    where id in (select id from incidents.monitoring_sources where org_id = app.org_id() and created_by = whose limit most)
    returning 1
  )
  select ((select count(*) from entries) + (select count(*) from acknowledgements) + (select count(*) from sources))::integer
$$;

revoke all on function incidents.forget_person (uuid, integer) from public;
grant execute on function incidents.forget_person (uuid, integer) to aurora_incidents;
-- last: once it is the resolver's, its grants are no longer ours to give
alter function incidents.forget_person (uuid, integer) owner to aurora_resolver;
revoke create on schema incidents from aurora_resolver;
