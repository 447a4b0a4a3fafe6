-- Failed attempts by account and by address, kept here so that losing Redis changes nothing. The keys are hashes and
-- the role that logs in has no grant on the table: it can ask about an exact key and nothing else.

create table auth.throttles (
  key bytea primary key check (octet_length(key) = 32),
  failures integer not null,
  failed_at timestamptz not null default now()
);

create index throttles_by_time on auth.throttles (failed_at);

alter table auth.throttles enable row level security;
alter table auth.throttles force row level security;

create policy throttles_count on auth.throttles
  to aurora_resolver
  using (true)
  with check (true);

grant select, insert, update, delete on auth.throttles to aurora_resolver;

-- Counts an attempt before its outcome is known, so that a hundred guesses sent at once count as a hundred.
-- Answers how many seconds the caller has to wait; while that is more than 0 the attempt does not count.
-- After `free` failures each further one doubles the wait: 1, 2, 4 … up to `longest` seconds. A quiet quarter of an hour forgets.
create function auth.attempt(attempted bytea, free integer, longest integer)
  returns integer
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
declare
  found_failures integer;
  since double precision;
  wait double precision;
begin
  insert into auth.throttles as counted (key, failures)
  values (attempted, 0)
  on conflict (key) do update set failures = counted.failures
  returning failures, extract(epoch from clock_timestamp() - failed_at)
  into found_failures, since;

  if since > 900 then
    found_failures := 0;
  end if;

  wait := case
    when found_failures < free then 0
    else least(longest, power(2, least(found_failures - free, 16))) - since
  end;

  if wait > 0 then
    return ceil(wait);
  end if;

  update auth.throttles
  set failures = found_failures + 1,
      failed_at = clock_timestamp()
  where key = attempted;
  return 0;
end
$$;

-- The attempt succeeded: an account starts afresh, an address gets back the one that was counted.
create function auth.attempt_succeeded(account bytea, address bytea)
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.throttles
  where key = account;

  update auth.throttles
  set failures = greatest(failures - 1, 0)
  where key = address
$$;

revoke all on function auth.attempt(bytea, integer, integer) from public;
revoke all on function auth.attempt_succeeded(bytea, bytea) from public;
grant execute on function auth.attempt(bytea, integer, integer) to aurora_auth;
grant execute on function auth.attempt_succeeded(bytea, bytea) to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.attempt(bytea, integer, integer) owner to aurora_resolver;
alter function auth.attempt_succeeded(bytea, bytea) owner to aurora_resolver;
