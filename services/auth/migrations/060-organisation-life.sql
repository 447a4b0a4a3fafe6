-- An organisation that was deleted is entered by nobody. For 30 days an owner of it can undo that; then it is gone.
alter table auth.organisations
  add column deleted_at timestamptz;

create index organisations_deleted on auth.organisations (deleted_at) where deleted_at is not null;

grant update (deleted_at) on auth.organisations to aurora_auth;

-- At login, and to choose one, the person is known and the organisation is not yet.
create policy organisations_of_self on auth.organisations
  for select to aurora_auth
  using (
    exists (
      select 1
      from auth.memberships
      where memberships.org_id = organisations.id
        and memberships.person_id = (select app.person_id())
    )
  );

-- Whoever set Aurora up stays its administrator when the organisation that they began with goes.
alter table auth.installation
  drop constraint installation_org_id_fkey;

create policy organisations_resolve on auth.organisations
  for select to aurora_resolver
  using (true);

-- Whatever asks for it, nothing is purged before its time.
create policy organisations_purge on auth.organisations
  for delete to aurora_resolver
  using (deleted_at <= now() - interval '30 days');

grant select (id, deleted_at), delete on auth.organisations to aurora_resolver;

-- All sessions of the scope's organisation. The one revocation of the organisation, written by the caller, tells everyone who follows the log.
create function auth.end_organisation_sessions()
  returns bigint
  language sql
  security definer
  set search_path = pg_catalog
as $$
  with ended as (
    update auth.sessions
    set ended_at = now()
    where org_id = app.org_id()
      and ended_at is null
    returning 1
  )
  select count(*)
  from ended
$$;

-- The sessions of one member in the scope's organisation, each with a revocation of its own: a revocation of the membership would also refuse
-- the tokens of the session with which they come back. Call it last: writers of the log take turns until their commit.
create function auth.end_member_sessions(whose uuid)
  returns bigint
  language sql
  security definer
  set search_path = pg_catalog
as $$
  with ended as (
    update auth.sessions
    set ended_at = now()
    where org_id = app.org_id()
      and person_id = whose
      and ended_at is null
    returning org_id, id
  ), logged as (
    insert into auth.revocations (org_id, kind, subject)
    select org_id, 'session', id::text
    from ended
    returning 1
  )
  select count(*)
  from logged
$$;

-- Ids only: whoever purges takes each into a scope of its own.
create function auth.organisations_past_grace(most integer)
  returns table (org_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select id
  from auth.organisations
  where deleted_at <= now() - interval '30 days'
  order by deleted_at
  limit most
$$;

-- The scope's organisation with everything of it that auth holds, when its time has come: the policy above shows no other to this statement.
-- Answers true to the one that did it.
create function auth.purge_organisation()
  returns boolean
  language sql
  security definer
  set search_path = pg_catalog
as $$
  with gone as (
    delete from auth.organisations
    where id = app.org_id()
    returning 1
  )
  select exists (select 1 from gone)
$$;

revoke all on function auth.end_organisation_sessions() from public;
revoke all on function auth.end_member_sessions(uuid) from public;
revoke all on function auth.organisations_past_grace(integer) from public;
revoke all on function auth.purge_organisation() from public;
grant execute on function auth.end_organisation_sessions() to aurora_auth;
grant execute on function auth.end_member_sessions(uuid) to aurora_auth;
grant execute on function auth.organisations_past_grace(integer) to aurora_auth;
grant execute on function auth.purge_organisation() to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.end_organisation_sessions() owner to aurora_resolver;
alter function auth.end_member_sessions(uuid) owner to aurora_resolver;
alter function auth.organisations_past_grace(integer) owner to aurora_resolver;
alter function auth.purge_organisation() owner to aurora_resolver;
