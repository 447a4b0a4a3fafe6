-- One schema a service, and its role sees no other. What is shared is functions: app (the scope) and audit.

-- A new function is executable by everyone unless this is said.
alter default privileges revoke execute on functions from public;

drop schema if exists public;

create schema app;
create schema auth;
create schema secrets;
create schema incidents;
create schema chat;
create schema audit authorization aurora_audit;

grant usage on schema app to aurora_auth, aurora_secrets, aurora_incidents, aurora_chat, aurora_resolver, aurora_audit, aurora_retention;
grant usage on schema auth to aurora_auth;
grant usage on schema secrets to aurora_secrets;
grant usage on schema incidents to aurora_incidents;
grant usage on schema chat to aurora_chat;

-- A function can only be handed to a role that may create in its schema. The resolver's role cannot log in, so this gives nobody a place to write.
grant usage, create on schema auth, secrets, incidents, chat to aurora_resolver;
