-- What a service may still ask in a person's name after the request is over (a socket, a generation).
-- The handle is opaque and kept as a hash; service is the certificate name that it works from.

create table auth.delegations (
  id uuid primary key default uuidv7(),
  org_id uuid not null,
  person_id uuid not null,
  session_id uuid not null,
  service text not null check (service in ('secrets', 'incidents', 'chat')),
  audiences text[] not null check (cardinality(audiences) between 1 and 8),
  scopes text[] not null check (cardinality(scopes) between 1 and 32),
  actors text[] not null default '{}',
  handle_hash bytea not null unique check (octet_length(handle_hash) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null check (expires_at <= created_at + interval '1 hour'),
  ended_at timestamptz,
  foreign key (org_id, person_id, session_id) references auth.sessions (org_id, person_id, id) on delete cascade
);

create index delegations_of_session on auth.delegations (org_id, person_id, session_id);
create index delegations_by_expiry on auth.delegations (expires_at);

alter table auth.delegations enable row level security;
alter table auth.delegations force row level security;

create policy delegations_own on auth.delegations
  to aurora_auth
  using (org_id = (select app.org_id()) and person_id = (select app.person_id()))
  with check (org_id = (select app.org_id()) and person_id = (select app.person_id()));

create policy delegations_resolve on auth.delegations
  for select to aurora_resolver
  using (true);

grant select, insert, update (ended_at) on auth.delegations to aurora_auth;
grant select on auth.delegations to aurora_resolver;

create function auth.delegation_by_hash(hash bytea)
  returns table (delegation_id uuid, org_id uuid, person_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select id, delegations.org_id, delegations.person_id
  from auth.delegations
  where handle_hash = hash
$$;

revoke all on function auth.delegation_by_hash(bytea) from public;
grant execute on function auth.delegation_by_hash(bytea) to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.delegation_by_hash(bytea) owner to aurora_resolver;
