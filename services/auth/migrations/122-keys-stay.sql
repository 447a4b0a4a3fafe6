-- As before, but for what hangs on an API key: keys go on when their person changes their password, address or factors, and so do their sockets.

create or replace function auth.end_own_sessions(kept uuid)
  returns table (session_id uuid, org_id uuid)
  language sql
  security definer
  set search_path = pg_catalog
as $$
  select 1
  from auth.people
  where id = app.person_id()
  for no key update;

  with ended as (
    update auth.sessions
    set ended_at = now()
    where person_id = app.person_id()
      and ended_at is null
      and id is distinct from kept
    returning sessions.org_id, id
  ), given_back as (
    update auth.delegations
    set ended_at = now()
    where person_id = app.person_id()
      and ended_at is null
      and delegations.session_id is not null
      and delegations.session_id is distinct from kept
    returning delegations.org_id, id
  ), logged as (
    insert into auth.revocations (org_id, kind, subject)
    select ended.org_id, 'session', ended.id::text
    from ended
    union all
    select given_back.org_id, 'delegation', given_back.id::text
    from given_back
    returning 1
  )
  select ended.id, ended.org_id
  from ended
$$;

-- Last: after this the owner of the schema has no say over it.
alter function auth.end_own_sessions(uuid) owner to aurora_resolver;
