-- In whose name a transaction runs. After a transaction that set them the settings read '', not null. No `set` clause: so the planner inlines them.

create function app.org_id() returns uuid
language sql stable parallel safe
return nullif(current_setting('app.org_id', true), '')::uuid;

create function app.person_id() returns uuid
language sql stable parallel safe
return nullif(current_setting('app.person_id', true), '')::uuid;

revoke all on function app.org_id(), app.person_id() from public;
grant execute on function app.org_id(), app.person_id()
  to aurora_auth, aurora_secrets, aurora_incidents, aurora_chat, aurora_resolver, aurora_audit, aurora_retention;
