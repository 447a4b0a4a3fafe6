-- Deletions that a crash or a sealed Vault interrupted are found here by a worker that has no scope yet: it gets ids, and scopes itself with them.
grant select on secrets.user_tokens, secrets.integration_secrets to aurora_resolver;

create policy user_tokens_deleting on secrets.user_tokens
  for select to aurora_resolver
  using (status = 'deleting');

create policy integration_secrets_deleting on secrets.integration_secrets
  for select to aurora_resolver
  using (status = 'deleting');

create index user_tokens_deleting on secrets.user_tokens (updated_at) where status = 'deleting';
create index integration_secrets_deleting on secrets.integration_secrets (updated_at) where status = 'deleting';

create function secrets.unfinished_deletions(older_than interval)
  returns table (kind text, org_id uuid, person_id uuid, id uuid)
  language sql stable security definer
  set search_path = pg_catalog
as $$
  select 'connection', t.org_id, t.person_id, t.id
  from secrets.user_tokens t
  where t.status = 'deleting' and t.updated_at < now() - older_than
  union all
  select 'integration', i.org_id, null, i.integration_id
  from secrets.integration_secrets i
  where i.status = 'deleting' and i.updated_at < now() - older_than
  limit 100
$$;

revoke all on function secrets.unfinished_deletions(interval) from public;
grant execute on function secrets.unfinished_deletions(interval) to aurora_secrets;
-- Last: the owner of the schema may not grant what the resolver owns.
alter function secrets.unfinished_deletions(interval) owner to aurora_resolver;
