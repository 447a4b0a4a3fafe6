-- A service ends each of its statements after ten seconds, and a chain grows for years: so it is verified in parts. A part goes on `after` a position, from the hash
-- that stands there, over at most so many rows; parts that meet cover the whole.

set local role aurora_audit;

drop function audit.verify(uuid);

-- Recomputes a chain from its rows. `broken` is the first position that does not hold and `reason` says how, null when all holds; `sealed` is the position up to
-- which it was walked, `complete` whether that is the end, `unsealed` the rows that wait to be chained, `signed` the last signed position. A service verifies the
-- chain of its scope and no other. Signatures are not checked here: whoever owns the database could change this function too (see docs/audit.md).
create function audit.verify(org_id uuid, after bigint default 0, most integer default null)
returns table (sealed bigint, complete boolean, unsealed bigint, signed bigint, broken bigint, reason text)
language plpgsql stable security definer set search_path = pg_catalog set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  link record;
  head bytea := audit.genesis(audit.chain_of(verify.org_id));
begin
  if session_user = 'aurora_auth' and verify.org_id is distinct from app.org_id() then
    raise exception 'only the chain of the scope can be verified' using errcode = 'insufficient_privilege';
  end if;

  select count(*) into unsealed
  from audit.unsealed
  join audit.events on events.id = unsealed.event_id
  where events.org_id is not distinct from verify.org_id;

  select max(signatures.position) into signed
  from audit.signatures
  where signatures.chain = audit.chain_of(verify.org_id);

  sealed := verify.after;
  complete := true;
  if verify.after > 0 then
    select chain.hash into head
    from audit.chain
    where chain.chain = audit.chain_of(verify.org_id) and chain.position = verify.after;
    if not found then
      broken := verify.after;
      reason := 'a link is missing';
      return next;
      return;
    end if;
  end if;

  for link in
    select chain.position, chain.hash, events.id, audit.canonical(events) as bytes, signatures.hash as signed_hash
    from audit.chain
    left join audit.events on events.id = chain.event_id
    left join audit.signatures on signatures.chain = chain.chain and signatures.position = chain.position
    where chain.chain = audit.chain_of(verify.org_id) and chain.position > verify.after
    order by chain.position
    limit verify.most
  loop
    sealed := sealed + 1;
    reason := case
      when link.position <> sealed then 'a link is missing'
      when link.id is null then 'the row is gone'
      when link.hash <> sha256(head || link.bytes) then 'the row is not the one that was sealed'
      when link.signed_hash <> link.hash then 'the signed head is another'
    end;
    if reason is not null then
      broken := sealed;
      return next;
      return;
    end if;
    head := link.hash;
  end loop;

  complete := not exists (
    select from audit.chain
    where chain.chain = audit.chain_of(verify.org_id) and chain.position > sealed
  );
  if not complete then
    return next;
    return;
  end if;

  reason := case
    when exists (
      select from audit.heads
      where heads.chain = audit.chain_of(verify.org_id) and (heads.position <> sealed or heads.hash <> head)
    ) or coalesce(signed, 0) > sealed then 'the end of the chain is gone'
    when exists (
      select from audit.events
      left join audit.chain on chain.event_id = events.id and chain.chain = audit.chain_of(verify.org_id)
      left join audit.unsealed on unsealed.event_id = events.id
      -- `is not distinct from` would read every row of everyone; of this only one side is left when it is planned.
      where (events.org_id = verify.org_id or (verify.org_id is null and events.org_id is null))
        and chain.event_id is null and unsealed.event_id is null
    ) then 'a row is neither chained nor waiting'
  end;
  if reason is not null then
    broken := sealed + 1;
  end if;
  return next;
end $$;

revoke all on function audit.verify(uuid, bigint, integer) from public;
grant execute on function audit.verify(uuid, bigint, integer) to aurora_auth;
