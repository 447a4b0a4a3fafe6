-- An invitation belongs to its organisation until it is taken up. Only the hash of the mailed token is kept. It hangs on the membership of whoever
-- sent it: when they are removed, what they had still out dies with it.

create table auth.invitations (
  id uuid primary key default uuidv7(),
  org_id uuid not null,
  email text not null check (char_length(email) between 3 and 254 and email = btrim(email)),
  role text not null check (role in ('owner', 'admin', 'responder', 'viewer')),
  invited_by uuid not null,
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  created_at timestamptz not null default now(),
  sent_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '7 days' check (expires_at <= sent_at + interval '7 days'),
  ended_at timestamptz,
  outcome text check (outcome in ('accepted', 'declined', 'revoked')),
  check ((ended_at is null) = (outcome is null)),
  foreign key (org_id, invited_by) references auth.memberships (org_id, person_id) on delete cascade
);

create unique index invitations_open on auth.invitations (org_id, email) where ended_at is null;
create index invitations_of_inviter on auth.invitations (org_id, invited_by);
create index invitations_by_expiry on auth.invitations (expires_at);

alter table auth.invitations enable row level security;
alter table auth.invitations force row level security;

create policy invitations_of_organisation on auth.invitations
  to aurora_auth
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

create policy invitations_resolve on auth.invitations
  for select to aurora_resolver
  using (true);

create policy invitations_forget on auth.invitations
  for delete to aurora_resolver
  using (expires_at < now() - interval '30 days');

grant select, insert, update (invited_by, token_hash, sent_at, expires_at, ended_at, outcome) on auth.invitations to aurora_auth;
grant select, delete on auth.invitations to aurora_resolver;

-- Whoever follows the link is in no organisation yet.
create function auth.invitation_by_hash(hash bytea)
  returns table (invitation_id uuid, org_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select id, invitations.org_id
  from auth.invitations
  where token_hash = hash
$$;

create function auth.forget_invitations()
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.invitations
  where expires_at < now() - interval '30 days'
$$;

revoke all on function auth.invitation_by_hash(bytea) from public;
revoke all on function auth.forget_invitations() from public;
grant execute on function auth.invitation_by_hash(bytea) to aurora_auth;
grant execute on function auth.forget_invitations() to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.invitation_by_hash(bytea) owner to aurora_resolver;
alter function auth.forget_invitations() owner to aurora_resolver;
