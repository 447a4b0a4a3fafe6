-- A monitoring source is one integration: a tool that sends alerts here. Its secret is in Vault, never in this table.
-- hook_id is its public address. It is an address and no secret (every delivery is signed or carries a token), so it is
-- kept as it is and can be shown again; being 192 random bits it says nothing about whose it is.

create table incidents.monitoring_sources (
  id uuid primary key,
  org_id uuid not null,
  hook_id text not null unique check (hook_id ~ '^[A-Za-z0-9_-]{32}$'),
  kind text not null check (kind ~ '^[a-z][a-z-]{1,30}$'),
  name text not null check (char_length(name) between 1 and 100),
  authentication text not null check (authentication in ('hmac', 'bearer')),
  created_by uuid not null,
  created_at timestamptz not null default now(),
  last_delivery_at timestamptz,
  deleted_at timestamptz,
  -- what events, alerts and incidents refer to: none of them can name another organisation's source
  unique (org_id, id)
);

create index monitoring_sources_recent on incidents.monitoring_sources (org_id, created_at, id)
  where deleted_at is null;

alter table incidents.monitoring_sources enable row level security;
alter table incidents.monitoring_sources force row level security;

create policy monitoring_sources_of_organisation on incidents.monitoring_sources
  to aurora_incidents
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()));

-- no delete: a source is marked, its events keep their origin, and the purge comes with retention
grant select, insert, update (name, last_delivery_at, deleted_at) on incidents.monitoring_sources to aurora_incidents;
