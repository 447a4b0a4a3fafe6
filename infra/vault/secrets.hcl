# What the service `secrets` may do, and nothing beside it: the secrets of organisations, reading the services' own, replacing auth's keys, and four uses of three keys.
# ${mount} and ${base} are put in by infra/vault/provision.ts.

path "${mount}/data/${base}/orgs/*" {
  capabilities = ["create", "read", "update", "patch", "delete"]
}

path "${mount}/metadata/${base}/orgs/*" {
  capabilities = ["create", "read", "update", "delete", "list"]
}

path "${mount}/delete/${base}/orgs/*" {
  capabilities = ["create", "update"]
}

path "${mount}/undelete/${base}/orgs/*" {
  capabilities = ["create", "update"]
}

path "${mount}/destroy/${base}/orgs/*" {
  capabilities = ["create", "update"]
}

path "${mount}/data/${base}/services/*" {
  capabilities = ["read"]
}

# The keys of auth rotate. The entry is there from the beginning, so it is never made here; its metadata ask for check-and-set (provision.ts).
path "${mount}/data/${base}/services/auth" {
  capabilities = ["read", "update"]
}

# The key of the cache: wrapped data keys, so that what lies in Redis is worth nothing without Vault.
path "${mount}-transit/datakey/plaintext/cache" {
  capabilities = ["create", "update"]
}

path "${mount}-transit/decrypt/cache" {
  capabilities = ["create", "update"]
}

# Data keys of organisations.
path "${mount}-transit/datakey/plaintext/envelope" {
  capabilities = ["create", "update"]
}

path "${mount}-transit/encrypt/envelope" {
  capabilities = ["create", "update"]
}

path "${mount}-transit/decrypt/envelope" {
  capabilities = ["create", "update"]
}

# Seeds of second factors, which auth keeps sealed. What is sealed for one factor opens for no other.
path "${mount}-transit/encrypt/factors" {
  capabilities = ["create", "update"]
}

path "${mount}-transit/decrypt/factors" {
  capabilities = ["create", "update"]
}

# Heads of the audit chain.
path "${mount}-transit/sign/audit" {
  capabilities = ["create", "update"]
}

path "${mount}-transit/verify/audit" {
  capabilities = ["create", "update"]
}

path "${mount}-transit/keys/audit" {
  capabilities = ["read"]
}

path "auth/token/lookup-self" {
  capabilities = ["read"]
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}

path "auth/token/revoke-self" {
  capabilities = ["update"]
}
