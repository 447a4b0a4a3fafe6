-- After the database was restored from a backup its sequence would give numbers out again that readers have gone past: they would take what
-- ends from then on for old, and heartbeats would tell them that they have heard all. So a number is never below the microseconds of the clock:
-- what is written after a restore stands behind everything that was ever read. (Exact in JavaScript until the year 2255.)
grant update on sequence auth.revocations_seq_seq to aurora_resolver;

create or replace function auth.revocations_take_turns()
  returns trigger
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('auth.revocations', 0));
  perform setval('auth.revocations_seq_seq', greatest(nextval('auth.revocations_seq_seq'), (extract(epoch from clock_timestamp()) * 1000000)::bigint));
  return null;
end
$$;

-- Last: after this the owner of the schema has no say over it.
alter function auth.revocations_take_turns() owner to aurora_resolver;
