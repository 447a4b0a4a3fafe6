set local role aurora_audit;

-- The caller says what was done. Who did it is not the caller's to say: the service is the role of the session (a definer function or `set role` does not
-- change session_user), organisation and person are the scope's. Two inserts and no lock, so appends never wait for the sealer or each other.
create function audit.append(action text, target text, outcome text, detail jsonb, request_id text) returns uuid
language plpgsql security definer set search_path = pg_catalog
as $$
declare
  event uuid := uuidv7();
begin
  if session_user not in ('aurora_auth', 'aurora_secrets', 'aurora_incidents', 'aurora_chat', 'aurora_retention') then
    raise exception 'audit.append is for the services, not for %', session_user using errcode = 'insufficient_privilege';
  end if;

  insert into audit.events (id, service, org_id, person_id, action, target, outcome, detail, request_id)
  values (
    event, substr(session_user, length('aurora_') + 1), app.org_id(), app.person_id(),
    action, left(coalesce(target, ''), 500), outcome, coalesce(detail, '{}'), left(coalesce(request_id, ''), 100)
  );
  insert into audit.unsealed (event_id, xact)
  values (event, pg_current_xact_id());
  return event;
end $$;

revoke all on function audit.append(text, text, text, jsonb, text) from public;
grant execute on function audit.append(text, text, text, jsonb, text)
  to aurora_auth, aurora_secrets, aurora_incidents, aurora_chat, aurora_retention;
