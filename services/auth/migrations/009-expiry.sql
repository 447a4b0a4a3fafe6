-- What time ends, without anyone asking. Both functions touch rows of every organisation and answer a count.

create policy sessions_expire on auth.sessions
  for update to aurora_resolver
  using (true)
  with check (true);

create policy sessions_forget on auth.sessions
  for delete to aurora_resolver
  using (true);

create policy mail_links_forget on auth.mail_links
  for delete to aurora_resolver
  using (true);

create policy delegations_forget on auth.delegations
  for delete to aurora_resolver
  using (true);

grant update (ended_at), delete on auth.sessions to aurora_resolver;
grant delete on auth.mail_links to aurora_resolver;
grant delete on auth.delegations to aurora_resolver;

-- A session that ran out ends like one that was signed out: sockets learn of it through the log.
create function auth.end_expired_sessions(idle_seconds integer)
  returns bigint
  language sql
  security definer
  set search_path = pg_catalog
as $$
  with ended as (
    update auth.sessions
    set ended_at = now()
    where id in (
      select id
      from auth.sessions
      where ended_at is null
        and (expires_at <= now() or seen_at <= now() - make_interval(secs => idle_seconds))
      limit 500
      for update skip locked
    )
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

-- A revocation is kept longer than any session can live, so no reader that still holds one can miss it.
create function auth.forget_expired()
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.delegations
  where expires_at < now() - interval '1 day';

  delete from auth.sessions
  where expires_at < now() - interval '1 day';

  delete from auth.mail_links
  where expires_at < now() - interval '1 day';

  delete from auth.throttles
  where failed_at < now() - interval '1 day';

  delete from auth.revocations
  where at < now() - interval '3 days'
    and seq < (select max(seq) from auth.revocations)
$$;

revoke all on function auth.end_expired_sessions(integer) from public;
revoke all on function auth.forget_expired() from public;
grant execute on function auth.end_expired_sessions(integer) to aurora_auth;
grant execute on function auth.forget_expired() to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.end_expired_sessions(integer) owner to aurora_resolver;
alter function auth.forget_expired() owner to aurora_resolver;
