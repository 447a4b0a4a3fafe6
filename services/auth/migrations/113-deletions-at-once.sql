-- As before, for two at once of one person: what the operator's function answers for somebody who has deleted their account already is not "somebody else did it
-- first", so the second ran into the row of the first. The row of the person is the turn.

create or replace function auth.delete_account(hash bytea)
  returns timestamptz
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  perform from auth.people
  where id = app.person_id()
    and disabled_at is null
  for no key update;

  if not found then
    return null;
  end if;

  perform auth.operator_disable(app.person_id());

  insert into auth.account_deletions (person_id, restore_hash)
  values (app.person_id(), hash);
  return now() + interval '30 days';
end
$$;

-- Last: after this the owner of the schema has no say over it.
alter function auth.delete_account(bytea) owner to aurora_resolver;
