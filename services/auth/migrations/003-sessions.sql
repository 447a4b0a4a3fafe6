-- The cookie carries a random 256-bit secret; here lies its SHA-256, so a dump of this table opens no session.
-- id is what tokens and revocations name (sid).

create table auth.sessions (
  id uuid primary key default uuidv7(),
  org_id uuid not null,
  person_id uuid not null,
  secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  -- What hangs on a session names its owner too, so that it cannot hang on another's.
  unique (org_id, person_id, id),
  foreign key (org_id, person_id) references auth.memberships on delete cascade
);

create index sessions_open on auth.sessions (expires_at) where ended_at is null;

alter table auth.sessions enable row level security;
alter table auth.sessions force row level security;

create policy sessions_own on auth.sessions
  to aurora_auth
  using (org_id = (select app.org_id()) and person_id = (select app.person_id()))
  with check (org_id = (select app.org_id()) and person_id = (select app.person_id()));

create policy sessions_resolve on auth.sessions
  for select to aurora_resolver
  using (true);

grant select, insert, update (seen_at, ended_at) on auth.sessions to aurora_auth;
grant select on auth.sessions to aurora_resolver;

create function auth.session_by_hash(hash bytea)
  returns table (session_id uuid, org_id uuid, person_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select id, sessions.org_id, sessions.person_id
  from auth.sessions
  where secret_hash = hash
$$;

revoke all on function auth.session_by_hash(bytea) from public;
grant execute on function auth.session_by_hash(bytea) to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.session_by_hash(bytea) owner to aurora_resolver;
