-- Answers whose process died belong to many people, so nobody's scope can find them. This function answers ids alone
-- (never a word of a message); the sweeper then works on each row in its owner's scope.

grant select (id, org_id, person_id, status, leased_until), update (leased_until) on chat.chat_messages to aurora_resolver;

create policy chat_messages_abandoned on chat.chat_messages
  to aurora_resolver
  using (status = 'streaming')
  with check (status = 'streaming');

-- takes the lease over, so that of several replicas one sweeps, and a sweeper that dies itself is swept after
create function chat.claim_abandoned (batch integer)
  returns table (message_id uuid, org_id uuid, person_id uuid)
  language sql
  volatile
  security definer
  set search_path = pg_catalog
as $$
  update chat.chat_messages as message
  set leased_until = now() + interval '15 seconds'
  where message.id in (
    select abandoned.id
    from chat.chat_messages as abandoned
    where abandoned.status = 'streaming'
    and abandoned.leased_until < now()
    order by abandoned.leased_until
    limit least(batch, 100)
    for update skip locked
  )
  returning message.id, message.org_id, message.person_id
$$;

revoke all on function chat.claim_abandoned (integer) from public;
grant execute on function chat.claim_abandoned (integer) to aurora_chat;
-- last: once it is the resolver's, its grants are no longer ours to give
alter function chat.claim_abandoned (integer) owner to aurora_resolver;
