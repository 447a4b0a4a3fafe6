-- Whoever can log in to PostgreSQL can take any advisory lock and keep it: a service that was taken over could so keep everybody from signing out,
-- its own sessions among them. A row of a schema that no other role may use is only ours to lock.
create table auth.revocation_turns (
  singleton boolean primary key default true check (singleton)
);

insert into auth.revocation_turns default values;

alter table auth.revocation_turns enable row level security;
alter table auth.revocation_turns force row level security;

create policy revocation_turns_take on auth.revocation_turns
  to aurora_resolver
  using (true)
  with check (true);

-- `for update` asks for the right to update.
grant select, update on auth.revocation_turns to aurora_resolver;

create or replace function auth.revocations_take_turns()
  returns trigger
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  perform from auth.revocation_turns for update;
  perform setval('auth.revocations_seq_seq', greatest(nextval('auth.revocations_seq_seq'), (extract(epoch from clock_timestamp()) * 1000000)::bigint));
  return null;
end
$$;
