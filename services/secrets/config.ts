import { Type, type TProperties } from 'typebox'
import { baseConfig } from '#shared/config'
import { modelHostsSetting } from '#shared/model-hosts'

export const fields = {
  ...baseConfig,
  REDIS_CACHE_URL: Type.String({ pattern: '^rediss://[^:@/]+@', description: 'The Redis or Valkey that evicts: encrypted secrets. Without a password in it.' }),
  DATABASE_PASSWORD_FILE: Type.String({ minLength: 1, description: 'File with the password of this service in PostgreSQL.' }),
  REDIS_PASSWORD_FILE: Type.String({ minLength: 1, description: 'File with the password of this service in both Redis servers.' }),
  VAULT_ADDR: Type.String({ pattern: '^https://[^/]+/?$', description: 'Address of OpenBao or Vault.' }),
  VAULT_KV_MOUNT: Type.String({ default: 'aurora', pattern: '^[a-z0-9][a-z0-9_-]{0,62}$', description: 'Mount of the KV v2 engine; Transit is at <mount>-transit.' }),
  VAULT_KV_BASE_PATH: Type.String({ default: 'default', pattern: '^[a-z0-9][a-z0-9_-]{0,62}(/[a-z0-9][a-z0-9_-]{0,62}){0,3}$', description: 'Folder in that mount under which all lies.' }),
  VAULT_ROLE_ID_FILE: Type.String({ minLength: 1, description: 'File with the AppRole role id; read at each login.' }),
  VAULT_SECRET_ID_FILE: Type.String({ minLength: 1, description: 'File with the AppRole secret id; read at each login.' }),
  VAULT_CA_FILE: Type.Optional(Type.String({ description: 'CA of an outside Vault, which is then known by the name in VAULT_ADDR. Default: ca.pem of TLS_DIRECTORY and the peer `vault`.' })),
  VAULT_TIMEOUT_MS: Type.Integer({ default: 2_000, minimum: 100, maximum: 4_000, description: 'How long one exchange with Vault may take, in milliseconds.' }),
  SECRET_CACHE_TTL: Type.Integer({ default: 3_600, minimum: 1, maximum: 86_400, description: 'How long an encrypted secret stays in the cache at most, in seconds.' }),
  MODEL_ALLOWED_HOSTS: modelHostsSetting,
  OAUTH_ALLOWED_HOSTS: Type.String({ default: '', description: 'Providers in your own network where tokens are renewed, as host:port separated by commas; the same as for auth.' }),
  SEAL_LOG_DIRECTORY: Type.String({ minLength: 1, description: 'Folder to which the signed heads of the audit chains are appended.' })
} satisfies TProperties
