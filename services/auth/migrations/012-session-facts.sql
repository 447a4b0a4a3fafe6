-- What a session knows of itself: how and when its person last proved that it is they (RFC 8176 names the methods), and from where it was
-- opened, so that they recognise it in a list.
alter table auth.sessions
  add column methods text[] not null default '{pwd}' check (cardinality(methods) between 1 and 4 and methods <@ '{pwd,otp,hwk,rc,fed}'::text[]),
  add column proved_at timestamptz not null default now(),
  add column user_agent text not null default '' check (char_length(user_agent) <= 400),
  add column network text not null default '' check (char_length(network) <= 64);

-- A person sees their own sessions wherever they work; what changes one stays with its organisation.
create policy sessions_of_self on auth.sessions
  for select to aurora_auth
  using (person_id = (select app.person_id()));

create index sessions_of_person on auth.sessions (person_id) where ended_at is null;

-- A proof gives the session a new secret: the cookie that was there before, and whoever copied it, gain nothing from it.
grant update (secret_hash, methods, proved_at) on auth.sessions to aurora_auth;

-- Ends the sessions of the scope's person, in whatever organisation, but the one that is kept, and says so in the log that sockets follow:
-- what a changed password or factor does. Call it last: writers of the log take turns until their commit.
create function auth.end_own_sessions(kept uuid)
  returns table (session_id uuid, org_id uuid)
  language sql
  security definer
  set search_path = pg_catalog
as $$
  with ended as (
    update auth.sessions
    set ended_at = now()
    where person_id = app.person_id()
      and ended_at is null
      and id is distinct from kept
    returning sessions.org_id, id
  ), logged as (
    insert into auth.revocations (org_id, kind, subject)
    select ended.org_id, 'session', ended.id::text
    from ended
    returning 1
  )
  select ended.id, ended.org_id
  from ended
$$;

revoke all on function auth.end_own_sessions(uuid) from public;
grant execute on function auth.end_own_sessions(uuid) to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.end_own_sessions(uuid) owner to aurora_resolver;
