-- The log that everything long-lived follows. Readers ask for what came after the last number they saw, so a row
-- must never become visible behind a higher number: inserts take turns until their commit.

create table auth.revocations (
  seq bigint generated always as identity primary key,
  org_id uuid not null,
  kind text not null check (kind in ('session', 'person', 'organisation', 'membership', 'delegation')),
  subject text not null check (char_length(subject) between 36 and 73),
  at timestamptz not null default clock_timestamp()
);

create index revocations_by_time on auth.revocations (at);

alter table auth.revocations enable row level security;
alter table auth.revocations force row level security;

create policy revocations_own on auth.revocations
  for select to aurora_auth
  using (org_id = (select app.org_id()));

create policy revocations_write on auth.revocations
  for insert to aurora_auth
  with check (org_id = (select app.org_id()));

create policy revocations_resolve on auth.revocations
  to aurora_resolver
  using (true)
  with check (true);

grant select, insert on auth.revocations to aurora_auth;
grant select, insert, delete on auth.revocations to aurora_resolver;

-- A statement trigger runs before the identity draws its number; the lock is let go after the commit is visible.
-- As a trigger nobody can insert without it.
create function auth.revocations_take_turns()
  returns trigger
  language plpgsql
  set search_path = pg_catalog
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('auth.revocations', 0));
  return null;
end
$$;

create trigger revocations_take_turns
  before insert on auth.revocations
  for each statement
  execute function auth.revocations_take_turns();

-- Ids only, of every organisation: the services learn what to close, and nothing else.
create function auth.revocations_after(last bigint, most integer)
  returns table (seq bigint, kind text, subject text)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select revocations.seq, revocations.kind, revocations.subject
  from auth.revocations
  where revocations.seq > last
  order by revocations.seq
  limit most
$$;

-- Where a reader without a number begins: before what was written in the last `seconds`, so that a service which just
-- started knows of the sessions whose tokens could still be about.
create function auth.revocations_since(seconds integer)
  returns bigint
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select coalesce(
    (select min(seq) - 1 from auth.revocations where at >= now() - make_interval(secs => seconds)),
    (select max(seq) from auth.revocations),
    0
  )
$$;

revoke all on function auth.revocations_after(bigint, integer) from public;
revoke all on function auth.revocations_since(integer) from public;
revoke all on function auth.revocations_take_turns() from public;
grant execute on function auth.revocations_after(bigint, integer) to aurora_auth;
grant execute on function auth.revocations_since(integer) to aurora_auth;

-- Last: after this the owner of the schema has no say over them.
alter function auth.revocations_after(bigint, integer) owner to aurora_resolver;
alter function auth.revocations_since(integer) owner to aurora_resolver;
