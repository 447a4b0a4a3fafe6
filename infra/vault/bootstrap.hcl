# What a later start may do: complete the services' own entries and give `secrets` a fresh secret id. Its token itself reads no secret of an organisation
# and changes no policy. But whoever holds it can make a secret id and log in as `secrets`: it is worth as much, lives five minutes, and its own secret id
# lies with the keys of the installation, which no service reads.

path "${mount}/data/${base}/services/*" {
  capabilities = ["create", "read", "update"]
}

# The public keys that the heads of the audit chain are checked with.
path "${mount}-transit/keys/audit" {
  capabilities = ["read"]
}

path "auth/approle/role/aurora-secrets/role-id" {
  capabilities = ["read"]
}

path "auth/approle/role/aurora-secrets/secret-id" {
  capabilities = ["create", "update"]
}

path "auth/approle/role/aurora-secrets/secret-id/lookup" {
  capabilities = ["create", "update"]
}

path "sys/policies/acl/aurora-secrets" {
  capabilities = ["read"]
}

path "sys/policies/acl/aurora-bootstrap" {
  capabilities = ["read"]
}

# Worth nothing without a quorum of the recovery shares, which are asked for as well.
path "sys/generate-root-token/*" {
  capabilities = ["create", "read", "update", "delete", "sudo"]
}

path "auth/token/revoke-self" {
  capabilities = ["update"]
}
