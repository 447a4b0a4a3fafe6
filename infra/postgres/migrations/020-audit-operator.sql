set local role aurora_audit;

-- As before, and for the operator's commands too: they log in as the migrator, and what they do to an organisation stands in that organisation's log under
-- this name. The migrator may execute it only once it has become the owner, as it does on purpose.
create or replace function audit.append(action text, target text, outcome text, detail jsonb, request_id text) returns uuid
language plpgsql security definer set search_path = pg_catalog
as $$
declare
  event uuid := uuidv7();
begin
  if session_user not in ('aurora_auth', 'aurora_secrets', 'aurora_incidents', 'aurora_chat', 'aurora_retention', 'aurora_migrate') then
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
