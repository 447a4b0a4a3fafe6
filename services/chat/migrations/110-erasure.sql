-- What chat holds of one person, whatever organisation it is in, is found and erased when they are: by functions that name that person, told of nothing else.

create index chat_sessions_of_person_anywhere on chat.chat_sessions (person_id);

-- Inside of these functions alone: the owner of the schema inherits the role, and with it whatever its policies allow.
create policy chat_sessions_erase on chat.chat_sessions
  to aurora_resolver
  using (current_user = 'aurora_resolver')
  with check (false);

create policy chat_messages_erase on chat.chat_messages
  to aurora_resolver
  using (current_user = 'aurora_resolver')
  with check (false);

create policy llm_usage_erase on chat.llm_usage_tracking
  to aurora_resolver
  using (current_user = 'aurora_resolver')
  with check (false);

grant select (id, org_id, person_id), delete on chat.chat_sessions to aurora_resolver;
grant delete on chat.chat_messages to aurora_resolver;
grant select (id, org_id, person_id), delete on chat.llm_usage_tracking to aurora_resolver;

create function chat.organisations_of (whose uuid)
  returns table (org_id uuid)
  language sql
  stable
  security definer
  set search_path = pg_catalog
as $$
  select distinct chat_sessions.org_id
  from chat.chat_sessions
  where person_id = whose
  order by 1
$$;

-- So many rows of the person in the scope's organisation; 0: there are no more. Messages and usage hang on the conversations, so those go last.
create function chat.erase_person (whose uuid, most integer)
  returns integer
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
declare
  gone integer;
begin
  delete from chat.llm_usage_tracking
  where id in (select id from chat.llm_usage_tracking where org_id = app.org_id() and person_id = whose limit most);
  get diagnostics gone = row_count;
  if gone > 0 then
    return gone;
  end if;

  delete from chat.chat_messages
  where id in (select id from chat.chat_messages where org_id = app.org_id() and person_id = whose limit most);
  get diagnostics gone = row_count;
  if gone > 0 then
    return gone;
  end if;

  delete from chat.chat_sessions
  where id in (select id from chat.chat_sessions where org_id = app.org_id() and person_id = whose limit most);
  get diagnostics gone = row_count;
  return gone;
end
$$;

revoke all on function chat.organisations_of (uuid) from public;
revoke all on function chat.erase_person (uuid, integer) from public;
grant execute on function chat.organisations_of (uuid) to aurora_chat;
grant execute on function chat.erase_person (uuid, integer) to aurora_chat;
-- last: once they are the resolver's, their grants are no longer ours to give
alter function chat.organisations_of (uuid) owner to aurora_resolver;
alter function chat.erase_person (uuid, integer) owner to aurora_resolver;
