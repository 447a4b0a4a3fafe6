-- What the operator of the installation may do to people, who are of several organisations: by functions that name one person, told of nothing else.

-- Inside of those functions alone: the owner of the schema inherits the role, and with it whatever its policies allow.
create policy people_disable on auth.people
  for update to aurora_resolver
  using (current_user = 'aurora_resolver')
  with check (current_user = 'aurora_resolver');

grant select (disabled_at), update (disabled_at) on auth.people to aurora_resolver;

-- Every session of a person, and what hangs on them, in all organisations. Answers how many sessions it ended.
create function auth.operator_end_sessions(whose uuid)
  returns bigint
  language sql
  security definer
  set search_path = pg_catalog
as $$
  with ended as (
    update auth.sessions
    set ended_at = now()
    where person_id = whose
      and ended_at is null
    returning org_id, id
  ), given_back as (
    update auth.delegations
    set ended_at = now()
    where person_id = whose
      and ended_at is null
      and expires_at > now()
    returning org_id, id
  ), logged as (
    insert into auth.revocations (org_id, kind, subject)
    select org_id, 'session', id::text
    from ended
    union all
    select org_id, 'delegation', id::text
    from given_back
    returning 1
  )
  select count(*)
  from ended
$$;

-- Answers null when the person was disabled before. The revocation is of the person, and so of no one organisation.
create function auth.operator_disable(whose uuid)
  returns bigint
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
declare
  ended bigint;
begin
  update auth.people
  set disabled_at = now()
  where id = whose
    and disabled_at is null;

  if not found then
    return null;
  end if;

  ended := auth.operator_end_sessions(whose);
  insert into auth.revocations (org_id, kind, subject)
  values ('00000000-0000-0000-0000-000000000000', 'person', whose::text);
  return ended;
end
$$;

-- A login that was under way while the person was disabled may have left a session, which would come back to life here.
create function auth.operator_enable(whose uuid)
  returns boolean
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  update auth.people
  set disabled_at = null
  where id = whose
    and disabled_at is not null;

  if not found then
    return false;
  end if;

  perform auth.operator_end_sessions(whose);
  return true;
end
$$;

-- The setup's token is a file at first. When the operator asks for another link, this row stands for it, and nothing else opens the setup.
create table auth.setup_links (
  singleton boolean primary key default true check (singleton),
  token_hash bytea not null check (octet_length(token_hash) = 32),
  at timestamptz not null default now()
);

alter table auth.setup_links enable row level security;
alter table auth.setup_links force row level security;

create policy setup_links_resolve on auth.setup_links
  to aurora_resolver
  using (true)
  with check (true);

grant select, insert, update on auth.setup_links to aurora_resolver;

-- False once somebody has set up.
create function auth.replace_setup_link(hash bytea)
  returns boolean
  language sql
  security definer
  set search_path = pg_catalog
as $$
  with replaced as (
    insert into auth.setup_links (token_hash)
    select hash
    where auth.setup_needed()
    on conflict (singleton) do update
    set token_hash = excluded.token_hash,
        at = excluded.at
    returning 1
  )
  select exists (select 1 from replaced)
$$;

-- Null while there is none.
create function auth.is_setup_link(hash bytea)
  returns boolean
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select token_hash = hash
  from auth.setup_links
$$;

revoke all on function auth.operator_end_sessions(uuid) from public;
revoke all on function auth.operator_disable(uuid) from public;
revoke all on function auth.operator_enable(uuid) from public;
revoke all on function auth.replace_setup_link(bytea) from public;
revoke all on function auth.is_setup_link(bytea) from public;
grant execute on function auth.operator_end_sessions(uuid) to aurora_auth;
grant execute on function auth.operator_disable(uuid) to aurora_auth;
grant execute on function auth.operator_enable(uuid) to aurora_auth;
grant execute on function auth.replace_setup_link(bytea) to aurora_auth;
grant execute on function auth.is_setup_link(bytea) to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.operator_end_sessions(uuid) owner to aurora_resolver;
alter function auth.operator_disable(uuid) owner to aurora_resolver;
alter function auth.operator_enable(uuid) owner to aurora_resolver;
alter function auth.replace_setup_link(bytea) owner to aurora_resolver;
alter function auth.is_setup_link(bytea) owner to aurora_resolver;
