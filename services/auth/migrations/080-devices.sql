-- Browsers from which a person has signed in. Their cookie holds a random 256-bit secret; here lies its SHA-256. It is no credential: all it buys
-- is a counter of its own for failed attempts, so that somebody who guesses at an account from elsewhere cannot lock its owner out.

create table auth.devices (
  id uuid primary key default uuidv7(),
  person_id uuid not null references auth.people on delete cascade,
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  unique (person_id, secret_hash)
);

create index devices_by_use on auth.devices (seen_at);

alter table auth.devices enable row level security;
alter table auth.devices force row level security;

create policy devices_own on auth.devices
  to aurora_auth
  using (person_id = (select app.person_id()))
  with check (person_id = (select app.person_id()));

create policy devices_forget on auth.devices
  to aurora_resolver
  using (true)
  with check (true);

grant select, insert, update (seen_at), delete on auth.devices to aurora_auth;
grant select, delete on auth.devices to aurora_resolver;

create function auth.forget_devices()
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.devices
  where seen_at < now() - interval '180 days'
$$;

revoke all on function auth.forget_devices() from public;
grant execute on function auth.forget_devices() to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.forget_devices() owner to aurora_resolver;
