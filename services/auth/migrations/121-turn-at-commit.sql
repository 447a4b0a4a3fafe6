-- Writers of the log took their turn with the row that they wrote and kept it until their commit. Whoever then wanted a session, a key or a delegation that was
-- just being ended waited for somebody who waited for the turn, and PostgreSQL ended one of the two (40P01): a change of role beside a revoked key, a stolen key
-- that was withdrawn beside somebody who signed out. So the turn comes last, in whatever order a transaction does things: at its commit, when it has every other
-- lock. The number is drawn then as well, since a row must never become visible behind a higher one; the one that it had before nobody has seen.

drop trigger revocations_take_turns on auth.revocations;
drop function auth.revocations_take_turns();

grant select on sequence auth.revocations_seq_seq to aurora_resolver;
grant update (seq) on auth.revocations to aurora_resolver;

create function auth.revocations_take_turn()
  returns trigger
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
declare
  clock bigint;
begin
  perform from auth.revocation_turns for update;

  -- Never below the microseconds of the clock (011-revocation-numbers.sql), and never back: others draw their first numbers meanwhile.
  clock := (extract(epoch from clock_timestamp()) * 1000000)::bigint;
  if (select last_value from auth.revocations_seq_seq) < clock then
    perform setval('auth.revocations_seq_seq', clock);
  end if;

  update auth.revocations
  set seq = default
  where seq = new.seq;
  return null;
end
$$;

create constraint trigger revocations_take_turn
  after insert on auth.revocations
  deferrable initially deferred
  for each row
  execute function auth.revocations_take_turn();

revoke all on function auth.revocations_take_turn() from public;

-- Last: after this the owner of the schema has no say over it.
alter function auth.revocations_take_turn() owner to aurora_resolver;
