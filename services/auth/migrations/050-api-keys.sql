-- Keys for programs. The key itself is 256 random bits and is shown once; here lies its SHA-256, so a dump of this table opens nothing.
-- A key of a person (`aur_`) does what they may do and what its scopes say, whichever is less, and goes with their membership. A key of an agent (`aura_`)
-- belongs to the organisation and outlives whoever made it.

create table auth.api_keys (
  id uuid primary key default uuidv7(),
  org_id uuid not null references auth.organisations on delete cascade,
  person_id uuid,
  kind text not null check (kind in ('person', 'agent')),
  name text not null check (char_length(name) between 1 and 200),
  secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
  -- Its first characters, by which its owner recognises it.
  prefix text not null check (char_length(prefix) between 8 and 12),
  scopes text[] not null check (cardinality(scopes) between 1 and 32),
  -- None: from anywhere.
  networks cidr[] not null default '{}' check (cardinality(networks) <= 20),
  -- What tokens and revocations call it: to the services a key is what a session is. Another one ends all that hangs on it, and not the key.
  sid uuid not null default uuidv7(),
  created_by uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null check (expires_at <= created_at + interval '366 days'),
  -- When it was replaced by another, and until when it works beside that one.
  replaced_at timestamptz,
  overlap_until timestamptz check (overlap_until <= replaced_at + interval '24 hours'),
  last_used_at timestamptz,
  ended_at timestamptz,
  check ((kind = 'person') = (person_id is not null)),
  check (kind <> 'agent' or scopes = '{agent:connect}'),
  check ((replaced_at is null) = (overlap_until is null)),
  unique (org_id, id),
  foreign key (org_id, person_id) references auth.memberships (org_id, person_id) on delete cascade
);

create index api_keys_of_person on auth.api_keys (org_id, person_id) where ended_at is null;
create index api_keys_open on auth.api_keys (least(expires_at, overlap_until)) where ended_at is null;
create index api_keys_ended on auth.api_keys (ended_at);

alter table auth.api_keys enable row level security;
alter table auth.api_keys force row level security;

-- Whoever administers an organisation sees its keys and ends them; what one person sees of another's is decided by the route.
create policy api_keys_read on auth.api_keys
  for select to aurora_auth
  using (org_id = (select app.org_id()));

-- A person takes what is held about them from wherever they work.
create policy api_keys_of_self on auth.api_keys
  for select to aurora_auth
  using (person_id = (select app.person_id()));

create policy api_keys_change on auth.api_keys
  for update to aurora_auth
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

-- Nobody makes a key for somebody else.
create policy api_keys_add on auth.api_keys
  for insert to aurora_auth
  with check (
    org_id = (select app.org_id())
    and created_by = (select app.person_id())
    and (person_id is null or person_id = (select app.person_id()))
  );

create policy api_keys_resolve on auth.api_keys
  for select to aurora_resolver
  using (true);

create policy api_keys_end on auth.api_keys
  for update to aurora_resolver
  using (true)
  with check (true);

create policy api_keys_forget on auth.api_keys
  for delete to aurora_resolver
  using (ended_at < now() - interval '90 days');

grant select, insert, update (replaced_at, overlap_until, last_used_at, ended_at) on auth.api_keys to aurora_auth;
grant select, update (sid, ended_at), delete on auth.api_keys to aurora_resolver;

-- What a service goes on to do for a key hangs on the key, as that for a session on the session.
alter table auth.delegations
  alter column session_id drop not null,
  add column api_key_id uuid,
  add constraint delegations_of_one check ((session_id is null) <> (api_key_id is null)),
  add foreign key (org_id, api_key_id) references auth.api_keys (org_id, id) on delete cascade;

create index delegations_of_api_key on auth.delegations (org_id, api_key_id) where api_key_id is not null;

create function auth.api_key_by_hash(hash bytea)
  returns table (key_id uuid, org_id uuid, person_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select id, api_keys.org_id, api_keys.person_id
  from auth.api_keys
  where secret_hash = hash
$$;

-- A key that ran out ends like one that was revoked: sockets learn of it through the log.
create function auth.end_expired_api_keys()
  returns bigint
  language sql
  security definer
  set search_path = pg_catalog
as $$
  with ended as (
    update auth.api_keys
    set ended_at = now()
    where id in (
      select id
      from auth.api_keys
      where ended_at is null
        and least(expires_at, overlap_until) <= now()
      limit 500
      for update skip locked
    )
    returning org_id, sid
  ), logged as (
    insert into auth.revocations (org_id, kind, subject)
    select org_id, 'session', sid::text
    from ended
    returning 1
  )
  select count(*)
  from logged
$$;

create function auth.forget_api_keys()
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.api_keys
  where ended_at < now() - interval '90 days'
$$;

-- With another role a member's keys go on under another name, with what that role grants, while what hangs on them under the old name ends. However a role is
-- changed; at the commit, since writers of the log take turns until then.
create function auth.api_keys_follow_role()
  returns trigger
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  with renamed as (
    update auth.api_keys
    set sid = uuidv7()
    where org_id = new.org_id
      and person_id = new.person_id
      and ended_at is null
    returning with (old as before) before.org_id, before.sid
  )
  insert into auth.revocations (org_id, kind, subject)
  select renamed.org_id, 'session', renamed.sid::text
  from renamed;
  return null;
end
$$;

create constraint trigger api_keys_follow_role
  after update of role on auth.memberships
  deferrable initially deferred
  for each row
  when (old.role is distinct from new.role)
  execute function auth.api_keys_follow_role();

revoke all on function auth.api_key_by_hash(bytea) from public;
revoke all on function auth.end_expired_api_keys() from public;
revoke all on function auth.forget_api_keys() from public;
revoke all on function auth.api_keys_follow_role() from public;
grant execute on function auth.api_key_by_hash(bytea) to aurora_auth;
grant execute on function auth.end_expired_api_keys() to aurora_auth;
grant execute on function auth.forget_api_keys() to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.api_key_by_hash(bytea) owner to aurora_resolver;
alter function auth.end_expired_api_keys() owner to aurora_resolver;
alter function auth.forget_api_keys() owner to aurora_resolver;
alter function auth.api_keys_follow_role() owner to aurora_resolver;
