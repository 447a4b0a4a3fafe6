-- A third counter: whoever holds a network of addresses guesses from all of them. One order for everyone who holds several counters: the network, then
-- the address, then the account; and one that has to wait leaves those behind it alone.

drop function auth.attempt_login(bytea, integer, integer, bytea, integer, integer);
drop function auth.attempt_succeeded(bytea, bytea);

create function auth.attempt_login(
  network bytea, network_free integer, network_longest integer,
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
  wait := auth.attempt(network, network_free, network_longest);
  if wait > 0 then
    return wait;
  end if;
  wait := auth.attempt(address, address_free, address_longest);
  if wait > 0 then
    return wait;
  end if;
  return auth.attempt(account, account_free, account_longest);
end
$$;

-- The attempt succeeded: an account starts afresh, network and address get back the one that was counted.
create function auth.attempt_succeeded(network bytea, address bytea, account bytea)
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  update auth.throttles
  set failures = greatest(failures - 1, 0)
  where key = network;

  update auth.throttles
  set failures = greatest(failures - 1, 0)
  where key = address;

  delete from auth.throttles
  where key = account
$$;

-- The same for an attempt that has one counter: that of a known device.
create function auth.attempt_forgiven(attempted bytea)
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.throttles
  where key = attempted
$$;

revoke all on function auth.attempt_login(bytea, integer, integer, bytea, integer, integer, bytea, integer, integer) from public;
revoke all on function auth.attempt_succeeded(bytea, bytea, bytea) from public;
revoke all on function auth.attempt_forgiven(bytea) from public;
grant execute on function auth.attempt_login(bytea, integer, integer, bytea, integer, integer, bytea, integer, integer) to aurora_auth;
grant execute on function auth.attempt_succeeded(bytea, bytea, bytea) to aurora_auth;
grant execute on function auth.attempt_forgiven(bytea) to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.attempt_login(bytea, integer, integer, bytea, integer, integer, bytea, integer, integer) owner to aurora_resolver;
alter function auth.attempt_succeeded(bytea, bytea, bytea) owner to aurora_resolver;
alter function auth.attempt_forgiven(bytea) owner to aurora_resolver;
