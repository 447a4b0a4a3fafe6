-- The secrets that alert sources sign with: the organisation's, found by the id of the integration.
create table secrets.integration_secrets (
  org_id uuid not null,
  integration_id uuid not null,
  secret_ref text not null check (secret_ref ~ '^vault:kv/data/[a-z0-9/_-]+$' and length(secret_ref) <= 512),
  version integer not null default 0 check (version >= 0),
  generation uuid not null default gen_random_uuid(),
  status text not null default 'active' check (status in ('active', 'deleting')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, integration_id)
);

alter table secrets.integration_secrets enable row level security;
alter table secrets.integration_secrets force row level security;

create policy integration_secrets_scope on secrets.integration_secrets
  for all to aurora_secrets
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

grant select, insert, update, delete on secrets.integration_secrets to aurora_secrets;
