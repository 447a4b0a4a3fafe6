-- Second factors of people. A seed lies here sealed under a key of Vault's Transit; a recovery code as the hash of its 117 random bits.
-- last_step is the last time step (RFC 6238) that was used: a code opens something once, whoever shows it twice.

create table auth.factors (
  id uuid primary key default uuidv7(),
  person_id uuid not null references auth.people on delete cascade,
  kind text not null check (kind in ('totp', 'passkey')),
  label text not null check (char_length(label) between 1 and 100),
  sealed text check (char_length(sealed) between 1 and 2000),
  last_step bigint not null default 0,
  created_at timestamptz not null default now(),
  confirmed_at timestamptz,
  used_at timestamptz,
  check ((kind = 'totp') = (sealed is not null))
);

create index factors_of_person on auth.factors (person_id);

create table auth.recovery_codes (
  person_id uuid not null references auth.people on delete cascade,
  code_hash bytea not null check (octet_length(code_hash) = 32),
  used_at timestamptz,
  primary key (person_id, code_hash)
);

-- Someone who has shown the first factor and not the second. Not a session: it opens nothing but the question for the second.
create table auth.pending_logins (
  id uuid primary key default uuidv7(),
  person_id uuid not null references auth.people on delete cascade,
  secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
  method text not null check (method in ('pwd', 'fed')),
  tries integer not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null check (expires_at <= created_at + interval '1 hour')
);

create index pending_logins_of_person on auth.pending_logins (person_id);
create index pending_logins_by_expiry on auth.pending_logins (expires_at);

alter table auth.factors enable row level security;
alter table auth.factors force row level security;
alter table auth.recovery_codes enable row level security;
alter table auth.recovery_codes force row level security;
alter table auth.pending_logins enable row level security;
alter table auth.pending_logins force row level security;

create policy factors_own on auth.factors
  to aurora_auth
  using (person_id = (select app.person_id()))
  with check (person_id = (select app.person_id()));

create policy recovery_codes_own on auth.recovery_codes
  to aurora_auth
  using (person_id = (select app.person_id()))
  with check (person_id = (select app.person_id()));

create policy pending_logins_own on auth.pending_logins
  to aurora_auth
  using (person_id = (select app.person_id()))
  with check (person_id = (select app.person_id()));

create policy pending_logins_resolve on auth.pending_logins
  to aurora_resolver
  using (true)
  with check (true);

grant select, insert, update (label, last_step, confirmed_at, used_at), delete on auth.factors to aurora_auth;
grant select, insert, update (used_at), delete on auth.recovery_codes to aurora_auth;
grant select, insert, update (tries), delete on auth.pending_logins to aurora_auth;
grant select, delete on auth.pending_logins to aurora_resolver;

create function auth.pending_login_by_hash(hash bytea)
  returns table (pending_id uuid, person_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select id, pending_logins.person_id
  from auth.pending_logins
  where secret_hash = hash
$$;

create function auth.forget_pending_logins()
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.pending_logins
  where expires_at < now()
$$;

-- An organisation may ask its members for a second factor. A session that has shown none can then do nothing there but add one.
alter table auth.organisations
  add column require_factor boolean not null default false;

grant update (require_factor) on auth.organisations to aurora_auth;

revoke all on function auth.pending_login_by_hash(bytea) from public;
revoke all on function auth.forget_pending_logins() from public;
grant execute on function auth.pending_login_by_hash(bytea) to aurora_auth;
grant execute on function auth.forget_pending_logins() to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.pending_login_by_hash(bytea) owner to aurora_resolver;
alter function auth.forget_pending_logins() owner to aurora_resolver;
