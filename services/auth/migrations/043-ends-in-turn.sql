-- A switch ends one session and opens another. Whoever ends all sessions of a person at that moment saw the first and not yet the second, which then went on:
-- with a stolen session somebody could so sit out a changed password. The row of the person is the turn of both, taken first; each statement sees what was
-- committed while it was waited for.

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

create or replace function auth.operator_end_sessions(whose uuid)
  returns bigint
  language sql
  security definer
  set search_path = pg_catalog
as $$
  select 1
  from auth.people
  where id = whose
  for no key update;

  with ended as (
    update auth.sessions
    set ended_at = now()
    where person_id = whose
      and ended_at is null
    returning org_id, id
  ), given_back as (
    update auth.delegations
    set ended_at = now()
    where person_id = whose
      and ended_at is null
      and expires_at > now()
    returning org_id, id
  ), logged as (
    insert into auth.revocations (org_id, kind, subject)
    select org_id, 'session', id::text
    from ended
    union all
    select org_id, 'delegation', id::text
    from given_back
    returning 1
  )
  select count(*)
  from ended
$$;
