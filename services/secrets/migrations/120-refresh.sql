-- Tokens of clouds end, and are renewed before they do (refresh/refresher.ts). What is due is claimed by a worker that has no scope yet: it gets ids, and scopes
-- itself with them.
alter table secrets.user_tokens
  -- When the values end. Null: they do not by themselves, or nobody has looked yet.
  add column expires_at timestamptz,
  -- When the refresher looks at it next: to renew it, or, once it is broken, to tell its person. Null: never. What was there before is looked at once.
  add column refresh_at timestamptz default now(),
  -- Counted by each claim, so it names the claim: what a worker does whose claim is over finds another number.
  add column refresh_attempts integer not null default 0,
  -- The provider was asked, and what it answered is not known.
  add column refresh_unanswered boolean not null default false,
  -- 'refused': the provider does not renew it any more. 'lost': nor does it, and an earlier answer was lost that may have held what it would renew.
  add column broken text check (broken in ('refused', 'lost'));

alter table secrets.user_tokens alter column refresh_at drop default;

create index user_tokens_by_refresh on secrets.user_tokens (refresh_at) where refresh_at is not null;

grant update (refresh_at, refresh_attempts) on secrets.user_tokens to aurora_resolver;

-- Inside of the function alone, as in 110-erasure.sql.
create policy user_tokens_refresh on secrets.user_tokens
  for update to aurora_resolver
  using (current_user = 'aurora_resolver')
  with check (current_user = 'aurora_resolver');

-- The longest due first, each for one worker: it is not due again before the lease ends, so what a worker that died had begun is begun again by another.
create function secrets.claim_refreshes(most integer, lease_seconds integer)
  returns table (org_id uuid, person_id uuid, id uuid, attempts integer)
  language sql
  security definer
  set search_path = pg_catalog
as $$
  update secrets.user_tokens t
  set refresh_at = now() + make_interval(secs => lease_seconds),
      refresh_attempts = t.refresh_attempts + 1
  where t.id in (
    select d.id
    from secrets.user_tokens d
    where d.refresh_at <= now()
      and d.status = 'active'
      -- The organisation's own are written by nobody yet.
      and d.person_id is not null
    order by d.refresh_at
    limit most
    for update skip locked
  )
  returning t.org_id, t.person_id, t.id, t.refresh_attempts
$$;

revoke all on function secrets.claim_refreshes(integer, integer) from public;
grant execute on function secrets.claim_refreshes(integer, integer) to aurora_secrets;

-- Last: the owner of the schema may not grant what the resolver owns.
alter function secrets.claim_refreshes(integer, integer) owner to aurora_resolver;
