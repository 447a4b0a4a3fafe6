-- Whom another issuer's word lets in: an account is known by (issuer, subject) and never by an equal address, which an issuer may claim of anybody.

create table auth.identities (
  id uuid primary key default uuidv7(),
  person_id uuid not null references auth.people on delete cascade,
  issuer text not null check (char_length(issuer) between 1 and 300),
  subject text not null check (char_length(subject) between 1 and 300),
  provider text not null check (char_length(provider) between 1 and 32),
  label text not null default '' check (char_length(label) <= 254),
  created_at timestamptz not null default now(),
  used_at timestamptz,
  unique (issuer, subject)
);

create index identities_of_person on auth.identities (person_id);

alter table auth.identities enable row level security;
alter table auth.identities force row level security;

create policy identities_own on auth.identities
  to aurora_auth
  using (person_id = (select app.person_id()))
  with check (person_id = (select app.person_id()));

create policy identities_resolve on auth.identities
  for select to aurora_resolver
  using (true);

grant select, insert, update (used_at), delete on auth.identities to aurora_auth;
grant select on auth.identities to aurora_resolver;

create function auth.person_by_identity(at text, is_subject text)
  returns table (person_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select identities.person_id
  from auth.identities
  where issuer = at
    and subject = is_subject
$$;

-- A browser that was sent to an issuer, until it comes back: at most ten minutes, and once. The row precedes everybody, so the role that logs in has no
-- grant on it: it can begin one and take one, by the hash of its state.
create table auth.oauth_flows (
  state_hash bytea primary key check (octet_length(state_hash) = 32),
  purpose text not null check (purpose in ('login', 'link')),
  provider text not null check (char_length(provider) between 1 and 32),
  session_id uuid,
  return_to text not null check (char_length(return_to) <= 500),
  created_at timestamptz not null default now(),
  check ((purpose = 'link') = (session_id is not null))
);

create index oauth_flows_by_time on auth.oauth_flows (created_at);

alter table auth.oauth_flows enable row level security;
alter table auth.oauth_flows force row level security;

create policy oauth_flows_take on auth.oauth_flows
  to aurora_resolver
  using (true)
  with check (true);

grant select, insert, delete on auth.oauth_flows to aurora_resolver;

create function auth.begin_oauth_flow(state bytea, for_purpose text, at_provider text, of_session uuid, back_to text)
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.oauth_flows
  where created_at < now() - interval '1 hour';

  insert into auth.oauth_flows (state_hash, purpose, provider, session_id, return_to)
  values (state, for_purpose, at_provider, of_session, back_to)
$$;

-- Answers a row to exactly one caller.
create function auth.take_oauth_flow(state bytea)
  returns table (purpose text, provider text, session_id uuid, return_to text, alive boolean)
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.oauth_flows
  where state_hash = state
  returning oauth_flows.purpose, oauth_flows.provider, oauth_flows.session_id, oauth_flows.return_to, created_at > now() - interval '10 minutes'
$$;

revoke all on function auth.person_by_identity(text, text) from public;
revoke all on function auth.begin_oauth_flow(bytea, text, text, uuid, text) from public;
revoke all on function auth.take_oauth_flow(bytea) from public;
grant execute on function auth.person_by_identity(text, text) to aurora_auth;
grant execute on function auth.begin_oauth_flow(bytea, text, text, uuid, text) to aurora_auth;
grant execute on function auth.take_oauth_flow(bytea) to aurora_auth;

-- A link to sign up may carry the identity that asked for it: who follows it has both, the mailbox and the issuer's word, and needs no password.
alter table auth.mail_links
  add column issuer text check (char_length(issuer) <= 300),
  add column subject text check (char_length(subject) <= 300),
  add column provider text check (char_length(provider) <= 32),
  add check (num_nulls(issuer, subject, provider) in (0, 3));

-- Last: after this the owner of the schema has no say over them.
alter function auth.person_by_identity(text, text) owner to aurora_resolver;
alter function auth.begin_oauth_flow(bytea, text, text, uuid, text) owner to aurora_resolver;
alter function auth.take_oauth_flow(bytea) owner to aurora_resolver;
