-- The sealer asks for unsigned heads each second: with a hundred thousand organisations it must not look at each of them. So a head knows how far it is signed.

set local role aurora_audit;

alter table audit.heads add column signed bigint not null default 0 check (signed <= position);

create index heads_unsigned on audit.heads (chain) where signed < position;

create or replace function audit.refuse_return() returns trigger
language plpgsql set search_path = pg_catalog
as $$
begin
  if new.chain <> old.chain
    or new.position < old.position
    or new.signed < old.signed
    or (new.position = old.position and new.hash <> old.hash) then
    raise exception 'a head of audit.heads only moves forward' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;

create or replace function audit.unsigned_heads() returns table (org_id uuid, "position" bigint, hash bytea)
language sql stable security definer set search_path = pg_catalog
begin atomic
  select audit.organisation_of(heads.chain), heads.position, heads.hash
  from audit.heads
  where heads.signed < heads.position;
end;

create or replace function audit.record_head(org_id uuid, "position" bigint, hash bytea, signature text, key_version integer) returns void
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
  update audit.heads
  set signed = record_head.position
  where heads.chain = audit.chain_of(record_head.org_id) and heads.signed < record_head.position;
end $$;
