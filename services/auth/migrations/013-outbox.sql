-- Mail that is to be sent, written in the transaction of what it is about: a mail server that is down loses none of it. The message is sealed
-- under a key that PostgreSQL never sees, because the links in it are as good as passwords. A worker claims ids, then reads each message in
-- the scope of its person.

create table auth.outbox (
  id uuid primary key default uuidv7(),
  person_id uuid not null,
  sealed bytea not null check (octet_length(sealed) between 28 and 65536),
  created_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  attempts integer not null default 0
);

create index outbox_by_due on auth.outbox (due_at);

alter table auth.outbox enable row level security;
alter table auth.outbox force row level security;

create policy outbox_own on auth.outbox
  to aurora_auth
  using (person_id = (select app.person_id()))
  with check (person_id = (select app.person_id()));

create policy outbox_claim on auth.outbox
  to aurora_resolver
  using (true)
  with check (true);

grant select, insert, update (due_at), delete on auth.outbox to aurora_auth;
grant select, update (due_at, attempts), delete on auth.outbox to aurora_resolver;

-- Messages whose time has come, the oldest first, each for one worker: its row is not due again before the lease ends, so the mail of a
-- worker that died is sent by another.
create function auth.claim_mail(most integer, lease_seconds integer)
  returns table (mail_id uuid, person_id uuid, attempts integer)
  language sql
  security definer
  set search_path = pg_catalog
as $$
  update auth.outbox
  set due_at = now() + make_interval(secs => lease_seconds),
      attempts = outbox.attempts + 1
  where id in (
    select id
    from auth.outbox
    where due_at <= now()
    order by due_at
    limit most
    for update skip locked
  )
  returning id, outbox.person_id, outbox.attempts
$$;

revoke all on function auth.claim_mail(integer, integer) from public;
grant execute on function auth.claim_mail(integer, integer) to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.claim_mail(integer, integer) owner to aurora_resolver;
