-- How long a password must be that a member of the organisation chooses. What was chosen before stays valid.

alter table auth.organisations
  add column password_minimum integer not null default 8 check (password_minimum between 8 and 64);

grant update (password_minimum) on auth.organisations to aurora_auth;

-- A person has one password for all their organisations, of which the scope shows one at most: so the strictest is found here. It answers a number, for the
-- person of the scope and no other.
create policy memberships_minimum on auth.memberships
  for select to aurora_resolver
  using (true);

create policy organisations_minimum on auth.organisations
  for select to aurora_resolver
  using (true);

grant select (org_id, person_id) on auth.memberships to aurora_resolver;
grant select (id, password_minimum) on auth.organisations to aurora_resolver;

-- Whoever belongs to no organisation yet gets what a new one asks for.
create function auth.password_minimum()
  returns integer
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select coalesce(max(organisations.password_minimum), 8)
  from auth.memberships
  join auth.organisations on organisations.id = memberships.org_id
  where memberships.person_id = (select app.person_id())
$$;

revoke all on function auth.password_minimum() from public;
grant execute on function auth.password_minimum() to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.password_minimum() owner to aurora_resolver;
