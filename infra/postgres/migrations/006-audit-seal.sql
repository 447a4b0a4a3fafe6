set local role aurora_audit;

create function audit.advance(chain uuid, "position" bigint, hash bytea) returns void
language sql set search_path = pg_catalog
begin atomic
  insert into audit.heads (chain, position, hash)
  select advance.chain, advance."position", advance.hash
  where advance.chain is not null
  on conflict (chain) do update set position = excluded.position, hash = excluded.hash;
end;

-- Chains what is committed and unsealed, at most so many rows, and returns the new heads for signing. One caller at a time; whoever comes second gets nothing
-- and need not wait. What it takes is what its snapshot shows: a transaction that runs for an hour hides only its own rows, and these are sealed when they
-- commit. (A bound by pg_snapshot_xmin would hold back every later row of everyone; a queue needs none, because nothing can be passed over.)
create function audit.seal("limit" integer) returns table (org_id uuid, "position" bigint, hash bytea)
language plpgsql security definer set search_path = pg_catalog
as $$
#variable_conflict use_column
declare
  entry record;
  current uuid;
  place bigint;
  head bytea;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('audit.seal', 0)) then
    return;
  end if;

  for entry in
    with oldest as (
      select event_id
      from audit.unsealed
      order by xact, event_id
      limit seal."limit"
    ), taken as (
      delete from audit.unsealed
      using oldest
      where unsealed.event_id = oldest.event_id
      returning unsealed.event_id
    )
    select audit.chain_of(events.org_id) as chain, events.id, audit.canonical(events) as bytes
    from taken
    join audit.events on events.id = taken.event_id
    order by 1, events.xact, events.id
  loop
    if entry.chain is distinct from current then
      perform audit.advance(current, place, head);
      current := entry.chain;
      select heads.position, heads.hash into place, head from audit.heads where heads.chain = current;
      place := coalesce(place, 0);
      head := coalesce(head, audit.genesis(current));
    end if;
    place := place + 1;
    head := sha256(head || entry.bytes);
    insert into audit.chain (chain, position, event_id, hash) values (current, place, entry.id, head);
  end loop;
  perform audit.advance(current, place, head);

  return query select * from audit.unsigned_heads();
end $$;

-- Heads that nobody has signed: new ones, and those of a sealer that died between sealing and signing.
create function audit.unsigned_heads() returns table (org_id uuid, "position" bigint, hash bytea)
language sql stable security definer set search_path = pg_catalog
begin atomic
  select audit.organisation_of(heads.chain), heads.position, heads.hash
  from audit.heads
  left join audit.signatures on signatures.chain = heads.chain and signatures.position = heads.position
  where signatures.chain is null;
end;

-- Keeps the signature of a head that really is in the chain; once more for the same is nothing.
create function audit.record_head(org_id uuid, "position" bigint, hash bytea, signature text, key_version integer) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
  if not exists (
    select from audit.chain
    where chain.chain = audit.chain_of(record_head.org_id) and chain.position = record_head.position and chain.hash = record_head.hash
  ) then
    raise exception 'the chain has no such head' using errcode = 'no_data_found';
  end if;
  insert into audit.signatures (chain, position, hash, signature, key_version)
  values (audit.chain_of(record_head.org_id), record_head.position, record_head.hash, record_head.signature, record_head.key_version)
  on conflict (chain, position) do nothing;
end $$;

revoke all on function audit.seal(integer), audit.unsigned_heads(), audit.record_head(uuid, bigint, bytea, text, integer) from public;
grant execute on function audit.seal(integer), audit.unsigned_heads(), audit.record_head(uuid, bigint, bytea, text, integer) to aurora_secrets;
