-- Whoever can log in to PostgreSQL can take any advisory lock and keep it: a service that was taken over could so keep the owners of an organisation
-- from removing one of them. The row of the organisation is only auth's to lock.

-- Inside of the function alone: the owner of the schema inherits the role, and with it whatever its policies allow.
create policy organisations_take_turns on auth.organisations
  for update to aurora_resolver
  using (current_user = 'aurora_resolver')
  with check (false);

-- `for no key update` asks for the right to update; the policy lets nothing be changed by it.
grant update (deleted_at) on auth.organisations to aurora_resolver;

create or replace function auth.assert_owned(organisation uuid)
  returns void
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  perform from auth.organisations
  where id = organisation
  for no key update;

  if exists (
    select 1
    from auth.organisations
    where id = organisation
      and deleted_at is null
  ) and not exists (
    select 1
    from auth.memberships
    join auth.people on people.id = memberships.person_id
    where memberships.org_id = organisation
      and memberships.role = 'owner'
      and people.disabled_at is null
  ) then
    raise exception 'an organisation keeps an owner' using errcode = 'restrict_violation', constraint = 'last_owner';
  end if;
end
$$;

-- Last: after this the owner of the schema has no say over it.
alter function auth.assert_owned(uuid) owner to aurora_resolver;
