-- A delivery names a hook and nothing else: whose it is must be found before there is a scope. One exact key in, ids out.

-- create is what a function's new owner needs for a moment, and only then
grant usage, create on schema incidents to aurora_resolver;
grant select (id, org_id, hook_id, deleted_at) on incidents.monitoring_sources to aurora_resolver;

create policy monitoring_sources_by_hook on incidents.monitoring_sources
  for select
  to aurora_resolver
  using (deleted_at is null);

create function incidents.hook_by_id (hook text)
  returns table (source_id uuid, org_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select source.id, source.org_id
  from incidents.monitoring_sources as source
  where source.hook_id = hook
  and source.deleted_at is null
$$;

revoke all on function incidents.hook_by_id (text) from public;
grant execute on function incidents.hook_by_id (text) to aurora_incidents;
alter function incidents.hook_by_id (text) owner to aurora_resolver;
revoke create on schema incidents from aurora_resolver;
