create table auth.organisations (
  id uuid primary key default uuidv7(),
  name text not null check (char_length(name) between 1 and 200),
  created_at timestamptz not null default now()
);

-- version counts changes of this person's rights here: it is the permissions version inside every token,
-- so that a token minted before a change of role is never handed out again.
create table auth.memberships (
  org_id uuid not null references auth.organisations on delete cascade,
  person_id uuid not null references auth.people on delete cascade,
  role text not null check (role in ('owner', 'admin', 'responder', 'viewer')),
  version integer not null default 1 check (version > 0),
  created_at timestamptz not null default now(),
  primary key (org_id, person_id)
);

create index memberships_of_person on auth.memberships (person_id);

alter table auth.organisations enable row level security;
alter table auth.organisations force row level security;
alter table auth.memberships enable row level security;
alter table auth.memberships force row level security;

create policy organisations_own on auth.organisations
  to aurora_auth
  using (id = (select app.org_id()))
  with check (id = (select app.org_id()));

create policy memberships_of_organisation on auth.memberships
  to aurora_auth
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

-- At login the person is known and the organisation is not yet.
create policy memberships_of_self on auth.memberships
  for select to aurora_auth
  using (person_id = (select app.person_id()));

-- Colleagues see each other's name and address.
create policy people_colleagues on auth.people
  for select to aurora_auth
  using (
    exists (
      select 1
      from auth.memberships
      where memberships.person_id = people.id
        and memberships.org_id = (select app.org_id())
    )
  );

grant select, insert, update (name) on auth.organisations to aurora_auth;
grant select, insert, update (role, version), delete on auth.memberships to aurora_auth;
