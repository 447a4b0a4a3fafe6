-- A mailed link belongs to a person from the start: registration chooses the id of the person who will be, so the row
-- lies under the same policy as everything else of theirs. Only the hash of the link's token is kept.
-- purpose 'known' is the row written when the address has an account already: the same work, a link that opens nothing.

create table auth.mail_links (
  id uuid primary key default uuidv7(),
  person_id uuid not null,
  purpose text not null check (purpose in ('register', 'known')),
  email text not null check (char_length(email) between 3 and 254),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null check (expires_at <= created_at + interval '1 day'),
  used_at timestamptz
);

create index mail_links_by_expiry on auth.mail_links (expires_at);

alter table auth.mail_links enable row level security;
alter table auth.mail_links force row level security;

create policy mail_links_own on auth.mail_links
  to aurora_auth
  using (person_id = (select app.person_id()))
  with check (person_id = (select app.person_id()));

create policy mail_links_resolve on auth.mail_links
  for select to aurora_resolver
  using (true);

grant select, insert, update (used_at) on auth.mail_links to aurora_auth;
grant select on auth.mail_links to aurora_resolver;

create function auth.mail_link_by_hash(hash bytea)
  returns table (link_id uuid, person_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select id, mail_links.person_id
  from auth.mail_links
  where token_hash = hash
$$;

revoke all on function auth.mail_link_by_hash(bytea) from public;
grant execute on function auth.mail_link_by_hash(bytea) to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.mail_link_by_hash(bytea) owner to aurora_resolver;
