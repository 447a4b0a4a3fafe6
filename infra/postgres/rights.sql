-- In the database itself: who may connect, and where names are looked up. `public` is nobody's place.

revoke all on database aurora from public;
grant connect on database aurora to aurora_migrate, aurora_auth, aurora_secrets, aurora_incidents, aurora_chat, aurora_retention;

alter role aurora_auth in database aurora set search_path = auth, pg_catalog;
alter role aurora_secrets in database aurora set search_path = secrets, pg_catalog;
alter role aurora_incidents in database aurora set search_path = incidents, pg_catalog;
alter role aurora_chat in database aurora set search_path = chat, pg_catalog;
alter role aurora_migrate in database aurora set search_path = pg_catalog;
alter role aurora_retention in database aurora set search_path = pg_catalog;
