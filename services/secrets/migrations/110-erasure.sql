-- The connections of one person, whatever organisation they are in: what is destroyed when the person is erased. Ids only; each is removed in its own scope.

create index user_tokens_of_person on secrets.user_tokens (person_id);

-- Inside of the function alone: the owner of the schema inherits the role, and with it whatever its policies allow.
create policy user_tokens_of_person on secrets.user_tokens
  for select to aurora_resolver
  using (current_user = 'aurora_resolver');

create function secrets.connections_of(whose uuid)
  returns table (org_id uuid, id uuid)
  language sql stable security definer
  set search_path = pg_catalog
as $$
  select t.org_id, t.id
  from secrets.user_tokens t
  where t.person_id = whose
  order by 1, 2
$$;

revoke all on function secrets.connections_of(uuid) from public;
grant execute on function secrets.connections_of(uuid) to aurora_secrets;
-- Last: the owner of the schema may not grant what the resolver owns.
alter function secrets.connections_of(uuid) owner to aurora_resolver;
