-- A try that came to no comparison, since Vault was away. The others stay counted.
create function auth.attempt_untried(attempted bytea)
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  update auth.throttles
  set failures = greatest(failures - 1, 0)
  where key = attempted
$$;

revoke all on function auth.attempt_untried(bytea) from public;
grant execute on function auth.attempt_untried(bytea) to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.attempt_untried(bytea) owner to aurora_resolver;
