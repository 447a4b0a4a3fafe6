-- An address is changed by a link that lies in the mailbox of the new one, and by nothing else: the role that logs in has no right to the column.

alter table auth.mail_links
  drop constraint mail_links_purpose_check,
  add constraint mail_links_purpose_check check (purpose in ('register', 'known', 'recovery', 'email', 'nothing'));

-- Inside of the function alone: the owner of the schema inherits the role, and with it whatever its policies allow.
create policy mail_links_spend on auth.mail_links
  for update to aurora_resolver
  using (current_user = 'aurora_resolver')
  with check (current_user = 'aurora_resolver');

grant update (used_at) on auth.mail_links to aurora_resolver;
grant update (email) on auth.people to aurora_resolver;

-- Spends an open link of the scope's person and gives them its address. Answers the address of before to exactly one caller; violates the key (23505) when
-- somebody else has the new one by now.
create function auth.take_email(link uuid)
  returns table (was text, becomes text)
  language sql
  security definer
  set search_path = pg_catalog
as $$
  with spent as (
    update auth.mail_links
    set used_at = now()
    where id = link
      and mail_links.person_id = app.person_id()
      and purpose = 'email'
      and used_at is null
      and expires_at > now()
    returning email
  )
  update auth.people
  set email = spent.email
  from spent
  where people.id = app.person_id()
    and people.disabled_at is null
  returning old.email, new.email
$$;

revoke all on function auth.take_email(uuid) from public;
grant execute on function auth.take_email(uuid) to aurora_auth;

-- Last: after this the owner of the schema has no say over it.
alter function auth.take_email(uuid) owner to aurora_resolver;
