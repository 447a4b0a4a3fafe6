-- A way back in for whoever has the mailbox. 'nothing' is the row of a request that leads nowhere, because nobody, or nobody who may, has the address:
-- the same work, a link that opens nothing.

alter table auth.mail_links
  drop constraint mail_links_purpose_check,
  add constraint mail_links_purpose_check check (purpose in ('register', 'known', 'recovery', 'nothing'));

create index mail_links_of_person on auth.mail_links (person_id) where used_at is null;

-- At most so many within so many seconds, counted before it is done. Answers how many seconds the caller has to wait, 0 is leave. What is not let through
-- does not prolong the wait.
create function auth.count_within(counted bytea, most integer, seconds integer)
  returns integer
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
declare
  times integer;
  since double precision;
begin
  insert into auth.throttles as kept (key, failures, failed_at)
  values (counted, 1, clock_timestamp())
  on conflict (key) do update
  set failures = case when kept.failed_at <= clock_timestamp() - make_interval(secs => seconds) then 1 else least(kept.failures, most) + 1 end,
      failed_at = case when kept.failed_at <= clock_timestamp() - make_interval(secs => seconds) then clock_timestamp() else kept.failed_at end
  returning failures, extract(epoch from clock_timestamp() - failed_at)
  into times, since;

  return case when times <= most then 0 else greatest(1, ceil(seconds - since)::integer) end;
end
$$;

-- As before, and what services hold in the name of those sessions ends with them. Call it last: writers of the log take turns until their commit.
create or replace function auth.end_own_sessions(kept uuid)
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

revoke all on function auth.count_within(bytea, integer, integer) from public;
grant execute on function auth.count_within(bytea, integer, integer) to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.count_within(bytea, integer, integer) owner to aurora_resolver;
