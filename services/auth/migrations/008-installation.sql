-- One row, written by the setup of the first owner. Its primary key is what makes one of two concurrent setups lose,
-- and its person is the local administrator.

create table auth.installation (
  singleton boolean primary key default true check (singleton),
  org_id uuid not null references auth.organisations,
  person_id uuid not null references auth.people,
  at timestamptz not null default now()
);

alter table auth.installation enable row level security;
alter table auth.installation force row level security;

create policy installation_own on auth.installation
  to aurora_auth
  using (person_id = (select app.person_id()))
  with check (person_id = (select app.person_id()) and org_id = (select app.org_id()));

create policy installation_resolve on auth.installation
  for select to aurora_resolver
  using (true);

grant select, insert on auth.installation to aurora_auth;
grant select on auth.installation to aurora_resolver;

create function auth.setup_needed()
  returns boolean
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select not exists (select 1 from auth.installation)
    and not exists (select 1 from auth.people)
$$;

revoke all on function auth.setup_needed() from public;
grant execute on function auth.setup_needed() to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.setup_needed() owner to aurora_resolver;
