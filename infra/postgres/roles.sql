-- The roles of Aurora, made by whoever administers the server. Safe to repeat: what is there is left, attributes that grew are taken back.

do $$
declare
  name text;
begin
  -- These own things and run definer functions. Nobody logs in as them.
  foreach name in array array['aurora_owner', 'aurora_resolver', 'aurora_audit'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin noinherit', name);
    end if;
    if exists (select from pg_roles where rolname = name and rolcanlogin) then
      execute format('alter role %I nologin', name);
    end if;
  end loop;

  foreach name in array array['aurora_migrate', 'aurora_auth', 'aurora_secrets', 'aurora_incidents', 'aurora_chat', 'aurora_retention'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I login noinherit', name);
    end if;
  end loop;

  -- Superuser and bypassrls would make every policy a comment.
  for name in
    select rolname from pg_roles
    where rolname like 'aurora\_%' and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication)
  loop
    execute format('alter role %I nosuperuser nobypassrls nocreatedb nocreaterole noreplication', name);
  end loop;
end $$;

-- The migrator becomes the owner on purpose (`set role`), never by inheritance. The owner hands functions to the two definers and then still says who may
-- execute them: for that it inherits.
grant aurora_owner to aurora_migrate with inherit false, set true;
grant aurora_resolver, aurora_audit to aurora_owner with inherit true, set true;

-- An administrator who is no superuser needs the membership to make a database for the owner.
do $$
begin
  if not (select rolsuper from pg_roles where rolname = current_user) then
    execute format('grant aurora_owner to %I with inherit true, set true', current_user);
  end if;
end $$;
