-- People of an earlier installation are brought in by the operator (scripts/import-people.ts), who logs in as the migrator and becomes the owner on purpose.
-- Row-Level Security is forced on the owner too: so each row is written in the scope of its person and organisation, and the import reads no password and
-- changes no person, password, organisation or membership that is there.

create policy people_import on auth.people
  for insert to aurora_owner
  with check (id = (select app.person_id()));

create policy passwords_import on auth.passwords
  for insert to aurora_owner
  with check (person_id = (select app.person_id()));

create policy organisations_import on auth.organisations
  for insert to aurora_owner
  with check (id = (select app.org_id()));

create policy memberships_import on auth.memberships
  for insert to aurora_owner
  with check (org_id = (select app.org_id()) and person_id = (select app.person_id()));

-- Which organisation a name in a file means: the one that an import made. By its name alone it would be whoever registered that name first.
create table auth.imported_organisations (
  name text primary key check (char_length(name) between 1 and 200),
  org_id uuid not null unique references auth.organisations on delete cascade
);

alter table auth.imported_organisations enable row level security;
alter table auth.imported_organisations force row level security;

create policy imported_organisations_import on auth.imported_organisations
  to aurora_owner
  using (true)
  with check (true);
