-- One order for everyone who holds two counters: the address, then the account. Two logins that took them in different orders would wait for
-- each other until PostgreSQL ends one of them (40P01), which anyone could provoke for an address and an account of theirs.

-- Counts a login against its address, and against its account only when the address may try: otherwise an address that has to wait could go
-- on locking the accounts that it names. Statements here run one after the other; in one query the planner would choose.
create function auth.attempt_login(
  address bytea, address_free integer, address_longest integer,
  account bytea, account_free integer, account_longest integer
)
  returns integer
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
declare
  wait integer;
begin
  wait := auth.attempt(address, address_free, address_longest);
  if wait > 0 then
    return wait;
  end if;
  return auth.attempt(account, account_free, account_longest);
end
$$;

create or replace function auth.attempt_succeeded(account bytea, address bytea)
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  update auth.throttles
  set failures = greatest(failures - 1, 0)
  where key = address;

  delete from auth.throttles
  where key = account
$$;

-- Forgetting takes many counters in no order at all, so it waits for none: what somebody holds is in use, and not to be forgotten.
create or replace function auth.forget_expired()
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
  where key in (
    select key
    from auth.throttles
    where failed_at < now() - interval '1 day'
    for update skip locked
  );

  delete from auth.revocations
  where at < now() - interval '3 days'
    and seq < (select max(seq) from auth.revocations)
$$;

revoke all on function auth.attempt_login(bytea, integer, integer, bytea, integer, integer) from public;
grant execute on function auth.attempt_login(bytea, integer, integer, bytea, integer, integer) to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.attempt_login(bytea, integer, integer, bytea, integer, integer) owner to aurora_resolver;
