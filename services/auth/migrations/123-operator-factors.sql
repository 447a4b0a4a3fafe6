-- The operator takes all second factors of a person away: for who has lost theirs and the recovery codes, and for an account to which a thief added their own.

create policy factors_remove on auth.factors
  for delete to aurora_resolver
  using (current_user = 'aurora_resolver');

create policy recovery_codes_remove on auth.recovery_codes
  for delete to aurora_resolver
  using (current_user = 'aurora_resolver');

grant delete on auth.factors to aurora_resolver;
grant select (person_id), delete on auth.recovery_codes to aurora_resolver;

create policy recovery_codes_resolve on auth.recovery_codes
  for select to aurora_resolver
  using (current_user = 'aurora_resolver');

-- Answers how many sessions it ended; null when there was no factor, and then nothing is done.
create function auth.operator_remove_factors(whose uuid)
  returns bigint
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  delete from auth.factors
  where person_id = whose;

  if not found then
    return null;
  end if;

  delete from auth.recovery_codes
  where person_id = whose;

  delete from auth.pending_logins
  where person_id = whose;

  return auth.operator_end_sessions(whose);
end
$$;

revoke all on function auth.operator_remove_factors(uuid) from public;
grant execute on function auth.operator_remove_factors(uuid) to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.operator_remove_factors(uuid) owner to aurora_resolver;
