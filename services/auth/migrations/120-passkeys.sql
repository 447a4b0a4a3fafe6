-- Passkeys (WebAuthn): what verifies a signature lies with the factor, and nothing of it is secret. sign_count is the last that the authenticator told:
-- one that goes back comes from a copy.

alter table auth.factors
  add column credential_id bytea unique check (octet_length(credential_id) between 16 and 1023),
  add column public_key bytea check (octet_length(public_key) between 1 and 4000),
  add column sign_count bigint not null default 0,
  add column transports text[] not null default '{}' check (cardinality(transports) <= 10),
  add check ((kind = 'passkey') = (credential_id is not null)),
  add check ((kind = 'passkey') = (public_key is not null));

grant update (sign_count) on auth.factors to aurora_auth;

create policy factors_resolve on auth.factors
  for select to aurora_resolver
  using (true);

grant select (id, person_id, credential_id) on auth.factors to aurora_resolver;

create function auth.passkey_by_credential(shown bytea)
  returns table (factor_id uuid, person_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select id, factors.person_id
  from auth.factors
  where credential_id = shown
$$;

-- What a passkey is asked to sign: once, for five minutes, in the browser that holds the cookie it was asked for. The row precedes everybody, so the role that
-- logs in has no grant on it.
create table auth.passkey_challenges (
  challenge_hash bytea primary key check (octet_length(challenge_hash) = 32),
  holder_hash bytea not null check (octet_length(holder_hash) = 32),
  created_at timestamptz not null default now()
);

create index passkey_challenges_by_time on auth.passkey_challenges (created_at);

alter table auth.passkey_challenges enable row level security;
alter table auth.passkey_challenges force row level security;

create policy passkey_challenges_take on auth.passkey_challenges
  to aurora_resolver
  using (true)
  with check (true);

grant select, insert, delete on auth.passkey_challenges to aurora_resolver;

create function auth.begin_passkey(challenge bytea, holder bytea)
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.passkey_challenges
  where created_at < now() - interval '1 hour';

  insert into auth.passkey_challenges (challenge_hash, holder_hash)
  values (challenge, holder)
$$;

-- True to exactly one caller.
create function auth.take_passkey(challenge bytea, holder bytea)
  returns boolean
  language sql
  security definer
  set search_path = pg_catalog
as $$
  with taken as (
    delete from auth.passkey_challenges
    where challenge_hash = challenge
      and holder_hash = holder
    returning created_at
  )
  select exists (
    select 1
    from taken
    where created_at > now() - interval '5 minutes'
  )
$$;

-- `pop` of RFC 8176: the possession of a key was proved, be it in hardware or kept in step between a person's devices. A session whose only proof was a passkey
-- that is removed goes on with none: nothing that it has shown still counts.
alter table auth.sessions
  drop constraint sessions_methods_check,
  add constraint sessions_methods_check check (cardinality(methods) <= 4 and methods <@ '{pwd,otp,pop,rc,fed}'::text[]);

revoke all on function auth.passkey_by_credential(bytea) from public;
revoke all on function auth.begin_passkey(bytea, bytea) from public;
revoke all on function auth.take_passkey(bytea, bytea) from public;
grant execute on function auth.passkey_by_credential(bytea) to aurora_auth;
grant execute on function auth.begin_passkey(bytea, bytea) to aurora_auth;
grant execute on function auth.take_passkey(bytea, bytea) to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.passkey_by_credential(bytea) owner to aurora_resolver;
alter function auth.begin_passkey(bytea, bytea) owner to aurora_resolver;
alter function auth.take_passkey(bytea, bytea) owner to aurora_resolver;
