-- What a person did in incidents stays, since others rely on it; when the person is erased it is nobody's any more: the id goes and the name becomes
-- `a former member`. By functions that name one person, told of nothing else.

alter table incidents.monitoring_sources alter column created_by drop not null;

create index incident_timeline_of_person on incidents.incident_timeline (actor_id) where actor_id is not null;
create index incidents_of_person on incidents.incidents (acknowledged_by) where acknowledged_by is not null;
create index monitoring_sources_of_person on incidents.monitoring_sources (created_by) where created_by is not null;

-- Inside of these functions alone: the owner of the schema inherits the role, and with it whatever its policies allow.
create policy incident_timeline_find on incidents.incident_timeline
  for select to aurora_resolver
  using (current_user = 'aurora_resolver');

create policy incident_timeline_forget on incidents.incident_timeline
  for update to aurora_resolver
  using (current_user = 'aurora_resolver' and actor_id is not null)
  with check (current_user = 'aurora_resolver' and actor_id is null);

create policy incidents_find on incidents.incidents
  for select to aurora_resolver
  using (current_user = 'aurora_resolver');

create policy incidents_forget on incidents.incidents
  for update to aurora_resolver
  using (current_user = 'aurora_resolver' and acknowledged_by is not null)
  with check (current_user = 'aurora_resolver' and acknowledged_by is null);

create policy monitoring_sources_find on incidents.monitoring_sources
  for select to aurora_resolver
  using (current_user = 'aurora_resolver');

create policy monitoring_sources_forget on incidents.monitoring_sources
  for update to aurora_resolver
  using (current_user = 'aurora_resolver' and created_by is not null)
  with check (current_user = 'aurora_resolver' and created_by is null);

grant select, update (actor_id, actor_name, text) on incidents.incident_timeline to aurora_resolver;
grant select (org_id, acknowledged_by), update (acknowledged_by, acknowledged_by_name) on incidents.incidents to aurora_resolver;
grant select (org_id, created_by), update (created_by) on incidents.monitoring_sources to aurora_resolver;

-- As before, but for the one change that makes an entry nobody's: from the function below, to that name, and of nothing else.
create or replace function incidents.refuse_rewriting ()
  returns trigger
  language plpgsql
  set search_path = pg_catalog
as $$
begin
  if tg_op = 'UPDATE' and current_user = 'aurora_resolver' then
    if (new.id, new.org_id, new.incident_id, new.at, new.kind, new.actor_kind) = (old.id, old.org_id, old.incident_id, old.at, old.kind, old.actor_kind)
      and new.actor_id is null
      and new.actor_name = 'a former member'
      and new.text = replace(old.text, ' by ' || old.actor_name, ' by a former member')
    then
      return new;
    end if;
  end if;
  raise exception 'the timeline only grows' using errcode = 'insufficient_privilege';
end
$$;

-- create is what a function's new owner needs for a moment, and only then
grant create on schema incidents to aurora_resolver;

create function incidents.organisations_of (whose uuid)
  returns table (org_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select incident_timeline.org_id from incidents.incident_timeline where actor_id = whose
  union
  select incidents.org_id from incidents.incidents where acknowledged_by = whose
  union
  select monitoring_sources.org_id from incidents.monitoring_sources where created_by = whose
  order by 1
$$;

-- In the scope's organisation. Answers how many rows named the person.
create function incidents.forget_person (whose uuid)
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
    where org_id = app.org_id()
      and actor_id = whose
    returning 1
  ), acknowledgements as (
    update incidents.incidents
    set acknowledged_by = null,
        acknowledged_by_name = 'a former member'
    where org_id = app.org_id()
      and acknowledged_by = whose
    returning 1
  ), sources as (
    update incidents.monitoring_sources
    set created_by = null
    where org_id = app.org_id()
      and created_by = whose
    returning 1
  )
  select ((select count(*) from entries) + (select count(*) from acknowledgements) + (select count(*) from sources))::integer
$$;

revoke all on function incidents.organisations_of (uuid) from public;
revoke all on function incidents.forget_person (uuid) from public;
grant execute on function incidents.organisations_of (uuid) to aurora_incidents;
grant execute on function incidents.forget_person (uuid) to aurora_incidents;
-- last: once they are the resolver's, their grants are no longer ours to give
alter function incidents.organisations_of (uuid) owner to aurora_resolver;
alter function incidents.forget_person (uuid) owner to aurora_resolver;
revoke create on schema incidents from aurora_resolver;
