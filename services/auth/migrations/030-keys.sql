-- Rotation of keys. Which keys there are stands in Vault; here stands which replica has which of them, so that none is used before all know it,
-- and which were withdrawn, in the log that everybody follows.

alter table auth.revocations drop constraint revocations_kind_check;
alter table auth.revocations add constraint revocations_kind_check
  check (kind in ('session', 'person', 'organisation', 'membership', 'delegation', 'key'));

create index revocations_of_keys on auth.revocations (subject) where kind = 'key';

-- One row a running replica of auth, told of nobody but the function that asks about all of them.
create table auth.key_holders (
  replica_id uuid primary key,
  version bigint not null check (version > 0),
  held_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
);

alter table auth.key_holders enable row level security;
alter table auth.key_holders force row level security;

create policy key_holders_report on auth.key_holders
  to aurora_resolver
  using (true)
  with check (true);

grant select, insert, update, delete on auth.key_holders to aurora_resolver;

create policy delegations_end on auth.delegations
  for update to aurora_resolver
  using (true)
  with check (true);

grant update (ended_at) on auth.delegations to aurora_resolver;

-- The key of the token that it was got with: one that was got just as that key was withdrawn is found by it.
alter table auth.delegations add column key_id text not null default '';

create function auth.hold_keys(replica uuid, held bigint)
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.key_holders
  where seen_at < clock_timestamp() - interval '1 hour';

  insert into auth.key_holders as holder (replica_id, version)
  values (replica, held)
  on conflict (replica_id) do update
  set version = excluded.version,
      held_at = case when holder.version = excluded.version then holder.held_at else clock_timestamp() end,
      seen_at = clock_timestamp()
$$;

create function auth.let_keys_go(replica uuid)
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  delete from auth.key_holders
  where replica_id = replica
$$;

-- A replica that has not been seen for a minute and a half cannot reach PostgreSQL, and so lets nobody in.
create function auth.key_news()
  returns table (newest bigint, withdrawn text[])
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select
    coalesce((select max(version) from auth.key_holders where seen_at > clock_timestamp() - interval '90 seconds'), 0),
    array(select subject from auth.revocations where kind = 'key')
$$;

create function auth.keys_held_for(held bigint)
  returns double precision
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select case when bool_and(version >= held) then extract(epoch from clock_timestamp() - max(held_at)) else -1 end
  from auth.key_holders
  where seen_at > clock_timestamp() - interval '90 seconds'
$$;

-- A key is of no organisation, and neither is its revocation. Said twice it is still one.
-- Whoever had the key that signs may have got delegations, which live an hour, with what he signed. Cookies that nobody can open any more leave
-- sessions behind that nobody can use and sockets that hang on them.
create function auth.withdraw_keys(ring text, ids text[])
  returns bigint
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
declare
  news bigint;
begin
  if ring not in ('signing', 'cookie') then
    raise exception 'there is no ring %', ring;
  end if;

  insert into auth.revocations (org_id, kind, subject)
  select '00000000-0000-0000-0000-000000000000', 'key', id
  from unnest(ids) as id
  where not exists (select 1 from auth.revocations where kind = 'key' and subject = id);

  get diagnostics news = row_count;
  if news = 0 then
    return 0;
  end if;

  with signed_out as (
    update auth.sessions
    set ended_at = now()
    where ring = 'cookie'
      and ended_at is null
    returning org_id, id
  ), given_back as (
    update auth.delegations
    set ended_at = now()
    where ended_at is null
      and expires_at > now()
    returning org_id, id
  )
  insert into auth.revocations (org_id, kind, subject)
  select org_id, 'session', id::text
  from signed_out
  union all
  select org_id, 'delegation', id::text
  from given_back;

  return news;
end
$$;

revoke all on function auth.hold_keys(uuid, bigint) from public;
revoke all on function auth.let_keys_go(uuid) from public;
revoke all on function auth.key_news() from public;
revoke all on function auth.keys_held_for(bigint) from public;
revoke all on function auth.withdraw_keys(text, text[]) from public;
grant execute on function auth.hold_keys(uuid, bigint) to aurora_auth;
grant execute on function auth.let_keys_go(uuid) to aurora_auth;
grant execute on function auth.key_news() to aurora_auth;
grant execute on function auth.keys_held_for(bigint) to aurora_auth;
grant execute on function auth.withdraw_keys(text, text[]) to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.hold_keys(uuid, bigint) owner to aurora_resolver;
alter function auth.let_keys_go(uuid) owner to aurora_resolver;
alter function auth.key_news() owner to aurora_resolver;
alter function auth.keys_held_for(bigint) owner to aurora_resolver;
alter function auth.withdraw_keys(text, text[]) owner to aurora_resolver;
