-- A connection: which secret in Vault belongs to whom. The secret itself is never here, only its reference and the version that was acknowledged.
create table secrets.user_tokens (
  id uuid primary key default uuidv7(),
  org_id uuid not null,
  -- Null: the organisation's own connection.
  person_id uuid,
  provider text not null check (provider ~ '^[a-z][a-z0-9-]{0,31}$'),
  name text not null default 'default' check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  secret_ref text not null check (secret_ref ~ '^vault:kv/data/[a-z0-9/_-]+$' and length(secret_ref) <= 512),
  -- The version in Vault that readers get. 0 exists only inside the transaction that creates the row.
  version integer not null default 0 check (version >= 0),
  -- New with each change, never used again: what the cache holds for an earlier one cannot be found any more.
  generation uuid not null default gen_random_uuid(),
  -- 'deleting': nobody reads it, Vault is still to be told (routes/connections.ts).
  status text not null default 'active' check (status in ('active', 'deleting')),
  -- What may be shown of the values: a project, a region, a host. Never a secret.
  labels jsonb not null default '{}' check (jsonb_typeof(labels) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (org_id, person_id, provider, name)
);

alter table secrets.user_tokens enable row level security;
alter table secrets.user_tokens force row level security;

create policy user_tokens_read on secrets.user_tokens
  for select to aurora_secrets
  using (
    org_id = (select app.org_id())
    and (person_id is null or person_id = (select app.person_id()))
  );

-- The organisation's own are read by its people and written by nobody yet: the policy that lets an administrator comes with that route.
create policy user_tokens_insert on secrets.user_tokens
  for insert to aurora_secrets
  with check (org_id = (select app.org_id()) and person_id = (select app.person_id()));

create policy user_tokens_update on secrets.user_tokens
  for update to aurora_secrets
  using (org_id = (select app.org_id()) and person_id = (select app.person_id()))
  with check (org_id = (select app.org_id()) and person_id = (select app.person_id()));

create policy user_tokens_delete on secrets.user_tokens
  for delete to aurora_secrets
  using (org_id = (select app.org_id()) and person_id = (select app.person_id()));

grant select, insert, update, delete on secrets.user_tokens to aurora_secrets;
