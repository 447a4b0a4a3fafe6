-- A person exists once, whatever organisations they belong to. The password hash lives in a table of its own,
-- so that no policy which shows a colleague's name can ever show the hash with it.

create table auth.people (
  id uuid primary key default uuidv7(),
  email text not null unique check (char_length(email) between 3 and 254 and email = btrim(email)),
  name text not null check (char_length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);

create table auth.passwords (
  person_id uuid primary key references auth.people on delete cascade,
  hash text not null check (char_length(hash) between 20 and 400),
  changed_at timestamptz not null default now()
);

alter table auth.people enable row level security;
alter table auth.people force row level security;
alter table auth.passwords enable row level security;
alter table auth.passwords force row level security;

create policy people_self on auth.people
  for select to aurora_auth
  using (id = (select app.person_id()));

create policy people_join on auth.people
  for insert to aurora_auth
  with check (id = (select app.person_id()));

create policy people_change on auth.people
  for update to aurora_auth
  using (id = (select app.person_id()))
  with check (id = (select app.person_id()));

create policy people_resolve on auth.people
  for select to aurora_resolver
  using (true);

create policy passwords_self on auth.passwords
  to aurora_auth
  using (person_id = (select app.person_id()))
  with check (person_id = (select app.person_id()));

grant select, insert, update (name) on auth.people to aurora_auth;
grant select, insert, update (hash, changed_at) on auth.passwords to aurora_auth;
grant select (id, email) on auth.people to aurora_resolver;

-- Precedes every scope: who signs in is known by address only. Answers an id; the rest is read under that person's scope.
create function auth.person_by_email(address text)
  returns table (person_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select id
  from auth.people
  where email = address
$$;

revoke all on function auth.person_by_email(text) from public;
grant execute on function auth.person_by_email(text) to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.person_by_email(text) owner to aurora_resolver;
