-- A person who asked for their end. They are disabled from that moment on; for 30 days the link that was mailed to them, or the operator, brings them back;
-- then each service erases what it holds of them and says so here, and last of all their own row goes.
create table auth.account_deletions (
  person_id uuid primary key references auth.people on delete cascade,
  asked_at timestamptz not null default now(),
  -- Null: the operator has taken the link away.
  restore_hash bytea unique check (octet_length(restore_hash) = 32),
  erased_by text[] not null default '{}' check (erased_by <@ '{secrets,incidents,chat}'::text[]),
  due_at timestamptz not null default now() + interval '30 days',
  attempts integer not null default 0
);

create index account_deletions_by_due on auth.account_deletions (due_at);

alter table auth.account_deletions enable row level security;
alter table auth.account_deletions force row level security;

create policy account_deletions_own on auth.account_deletions
  for select to aurora_auth
  using (person_id = (select app.person_id()));

-- Inside of the functions below alone, here and in each policy that follows: the owner of the schema inherits the role, and with it what its policies allow.
create policy account_deletions_keep on auth.account_deletions
  to aurora_resolver
  using (current_user = 'aurora_resolver')
  with check (current_user = 'aurora_resolver');

grant select (person_id, asked_at) on auth.account_deletions to aurora_auth;
grant select, insert, update, delete on auth.account_deletions to aurora_resolver;

create policy memberships_of_ending on auth.memberships
  to aurora_resolver
  using (current_user = 'aurora_resolver')
  with check (false);

-- What went with an account comes back with it; nothing else is changed by this.
create policy organisations_come_back on auth.organisations
  for update to aurora_resolver
  using (current_user = 'aurora_resolver')
  with check (current_user = 'aurora_resolver' and deleted_at is null);

create policy invitations_of_ending on auth.invitations
  for delete to aurora_resolver
  using (current_user = 'aurora_resolver');

-- Whatever asks for it, nobody is erased before their time, nor before every service has answered.
create policy people_end on auth.people
  for delete to aurora_resolver
  using (
    current_user = 'aurora_resolver'
    and exists (
      select 1
      from auth.account_deletions
      where account_deletions.person_id = people.id
        and account_deletions.asked_at <= now() - interval '30 days'
        and account_deletions.erased_by @> '{secrets,incidents,chat}'::text[]
    )
  );

grant delete on auth.people to aurora_resolver;
grant delete on auth.memberships to aurora_resolver;

-- The row stays and names an id that is nobody's any more: Aurora is not set up a second time.
alter table auth.installation
  drop constraint installation_person_id_fkey;

-- Of the organisations that the scope's person owns, those that would be without an owner who can sign in. `alone`: nobody else is a member. Whoever gives up
-- the same organisation waits here for the other's commit, and each statement sees what was committed while it waited.
create function auth.organisations_left_ownerless()
  returns table (org_id uuid, alone boolean)
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  perform from auth.organisations
  where deleted_at is null
    and id in (select m.org_id from auth.memberships m where m.person_id = app.person_id() and m.role = 'owner')
  order by id
  for no key update;

  return query
  select o.id, not exists (
    select 1
    from auth.memberships other
    where other.org_id = o.id
      and other.person_id <> app.person_id()
  )
  from auth.memberships own
  join auth.organisations o on o.id = own.org_id
  where own.person_id = app.person_id()
    and own.role = 'owner'
    and o.deleted_at is null
    and not exists (
      select 1
      from auth.memberships other
      join auth.people on people.id = other.person_id
      where other.org_id = o.id
        and other.person_id <> app.person_id()
        and other.role = 'owner'
        and people.disabled_at is null
    )
  order by o.id;
end
$$;

-- Ends the scope's person everywhere. Answers null when somebody else did it first. Call it last: writers of the log take turns until their commit.
create function auth.delete_account(hash bytea)
  returns timestamptz
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  if auth.operator_disable(app.person_id()) is null then
    return null;
  end if;

  insert into auth.account_deletions (person_id, restore_hash)
  values (app.person_id(), hash);
  return now() + interval '30 days';
end
$$;

create function auth.person_by_restore_link(hash bytea)
  returns table (person_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select account_deletions.person_id
  from auth.account_deletions
  where restore_hash = hash
    and asked_at > now() - interval '30 days'
$$;

-- The way back, with the organisations that went along: by the link (its hash), or by the operator (null). True for the one that did it. A login that was under
-- way during the deletion may have left a session, which would come back to life here.
create function auth.restore_account(whose uuid, hash bytea)
  returns boolean
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
declare
  asked timestamptz;
begin
  delete from auth.account_deletions
  where person_id = whose
    and (hash is null or restore_hash = hash)
    and asked_at > now() - interval '30 days'
  returning asked_at into asked;

  if not found then
    return false;
  end if;

  update auth.organisations
  set deleted_at = null
  where deleted_at = asked
    and id in (select m.org_id from auth.memberships m where m.person_id = whose and m.role = 'owner');

  update auth.people
  set disabled_at = null
  where id = whose;

  perform auth.operator_end_sessions(whose);
  return true;
end
$$;

-- As before, and also the way back for whoever deleted their account.
create or replace function auth.operator_enable(whose uuid)
  returns boolean
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  if exists (select 1 from auth.account_deletions where person_id = whose) then
    return auth.restore_account(whose, null);
  end if;

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

-- As before. Somebody who deleted their account is disabled already; what the operator adds is that the link brings them back no more.
create or replace function auth.operator_disable(whose uuid)
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
    update auth.account_deletions
    set restore_hash = null
    where person_id = whose
      and restore_hash is not null;
    return case when found then 0 end;
  end if;

  ended := auth.operator_end_sessions(whose);
  insert into auth.revocations (org_id, kind, subject)
  values ('00000000-0000-0000-0000-000000000000', 'person', whose::text);
  return ended;
end
$$;

-- Those whose time is over, each for one worker: its row is not due again before the lease ends.
create function auth.claim_account_erasures(most integer, lease_seconds integer)
  returns table (person_id uuid, erased_by text[], attempts integer)
  language sql
  security definer
  set search_path = pg_catalog
as $$
  update auth.account_deletions
  set due_at = now() + make_interval(secs => lease_seconds),
      attempts = account_deletions.attempts + 1
  where account_deletions.person_id in (
    select waiting.person_id
    from auth.account_deletions waiting
    where waiting.due_at <= now()
      and waiting.asked_at <= now() - interval '30 days'
    order by waiting.due_at
    limit most
    for update skip locked
  )
  returning account_deletions.person_id, account_deletions.erased_by, account_deletions.attempts
$$;

-- A service has erased what it held.
create function auth.record_erasure(whose uuid, service text)
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  update auth.account_deletions
  set erased_by = erased_by || service
  where person_id = whose
    and not erased_by @> array[service]
$$;

create function auth.postpone_erasure(whose uuid, seconds integer)
  returns void
  language sql
  security definer
  set search_path = pg_catalog
as $$
  update auth.account_deletions
  set due_at = now() + make_interval(secs => seconds)
  where person_id = whose
$$;

-- The scope's person with all that auth holds of them: the policy above shows nobody to this whose time has not come. `counters`: the keys of their throttles.
-- True for the one that did it.
create function auth.erase_account(counters bytea[])
  returns boolean
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  perform from auth.account_deletions
  where person_id = app.person_id()
    and asked_at <= now() - interval '30 days'
    and erased_by @> '{secrets,incidents,chat}'::text[]
  for update;

  if not found then
    return false;
  end if;

  delete from auth.throttles
  where key = any (counters);

  delete from auth.mail_links
  where person_id = app.person_id();

  delete from auth.outbox
  where person_id = app.person_id();

  delete from auth.invitations
  where email = (select people.email from auth.people where id = app.person_id());

  -- By itself, before the row that it hangs on: its trigger looks for the deletion.
  delete from auth.memberships
  where person_id = app.person_id();

  delete from auth.people
  where id = app.person_id();
  return found;
end
$$;

-- Whoever is erased has not been able to sign in for 30 days: their going takes no owner from an organisation.
create or replace function auth.membership_keeps_owner()
  returns trigger
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  if not exists (
    select 1
    from auth.account_deletions
    where person_id = old.person_id
      and asked_at <= now() - interval '30 days'
  ) then
    perform auth.assert_owned(old.org_id);
  end if;
  return null;
end
$$;

-- The counter of failed sign-ins behind one exact key, for the export.
create function auth.failures_of(counter bytea)
  returns table (failures integer, failed_at timestamptz)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select throttles.failures, throttles.failed_at
  from auth.throttles
  where key = counter
$$;

revoke all on function auth.organisations_left_ownerless() from public;
revoke all on function auth.failures_of(bytea) from public;
revoke all on function auth.delete_account(bytea) from public;
revoke all on function auth.person_by_restore_link(bytea) from public;
revoke all on function auth.restore_account(uuid, bytea) from public;
revoke all on function auth.claim_account_erasures(integer, integer) from public;
revoke all on function auth.record_erasure(uuid, text) from public;
revoke all on function auth.postpone_erasure(uuid, integer) from public;
revoke all on function auth.erase_account(bytea[]) from public;
grant execute on function auth.organisations_left_ownerless() to aurora_auth;
grant execute on function auth.failures_of(bytea) to aurora_auth;
grant execute on function auth.delete_account(bytea) to aurora_auth;
grant execute on function auth.person_by_restore_link(bytea) to aurora_auth;
grant execute on function auth.restore_account(uuid, bytea) to aurora_auth;
grant execute on function auth.claim_account_erasures(integer, integer) to aurora_auth;
grant execute on function auth.record_erasure(uuid, text) to aurora_auth;
grant execute on function auth.postpone_erasure(uuid, integer) to aurora_auth;
grant execute on function auth.erase_account(bytea[]) to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.organisations_left_ownerless() owner to aurora_resolver;
alter function auth.failures_of(bytea) owner to aurora_resolver;
alter function auth.delete_account(bytea) owner to aurora_resolver;
alter function auth.person_by_restore_link(bytea) owner to aurora_resolver;
alter function auth.restore_account(uuid, bytea) owner to aurora_resolver;
alter function auth.claim_account_erasures(integer, integer) owner to aurora_resolver;
alter function auth.record_erasure(uuid, text) owner to aurora_resolver;
alter function auth.postpone_erasure(uuid, integer) owner to aurora_resolver;
alter function auth.erase_account(bytea[]) owner to aurora_resolver;
