-- An organisation that is not deleted has an owner who can sign in. This holds for every statement of everyone, so also for the code of tomorrow,
-- for operators, and for two owners who give up at the same moment.

create policy memberships_of_owners on auth.memberships
  for select to aurora_resolver
  using (role = 'owner');

grant select (org_id, person_id, role) on auth.memberships to aurora_resolver;
grant select (id, disabled_at) on auth.people to aurora_resolver;

-- Changes of the owners of one organisation take turns until their commit. Each statement here sees what was committed while it waited, so the
-- second of two finds nobody left.
create function auth.assert_owned(organisation uuid)
  returns void
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('auth.owners|' || organisation::text, 0));

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

create function auth.membership_keeps_owner()
  returns trigger
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  perform auth.assert_owned(old.org_id);
  return null;
end
$$;

-- In one order, so that two people who own the same organisations do not wait for each other.
create function auth.person_keeps_owners()
  returns trigger
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
declare
  owned uuid;
begin
  for owned in
    select org_id
    from auth.memberships
    where person_id = new.id
      and role = 'owner'
    order by org_id
  loop
    perform auth.assert_owned(owned);
  end loop;
  return null;
end
$$;

create trigger memberships_keep_owner
  after delete on auth.memberships
  for each row
  when (old.role = 'owner')
  execute function auth.membership_keeps_owner();

create trigger memberships_keep_owner_role
  after update of role on auth.memberships
  for each row
  when (old.role = 'owner' and new.role <> 'owner')
  execute function auth.membership_keeps_owner();

create trigger people_keep_owners
  after update of disabled_at on auth.people
  for each row
  when (old.disabled_at is null and new.disabled_at is not null)
  execute function auth.person_keeps_owners();

revoke all on function auth.assert_owned(uuid) from public;
revoke all on function auth.membership_keeps_owner() from public;
revoke all on function auth.person_keeps_owners() from public;

-- Last: after this the owner of the schema has no say over them.
alter function auth.assert_owned(uuid) owner to aurora_resolver;
alter function auth.membership_keeps_owner() owner to aurora_resolver;
alter function auth.person_keeps_owners() owner to aurora_resolver;
