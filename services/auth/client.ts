/**
 * What `secrets` takes from here, to renew what people connected: how Aurora is registered at each cloud, how an answer of one is read, and how a token ends
 * there. No call to auth: the registration lies in Vault.
 */
export { grantIn, tokenIn, type Grant } from './connect/grant.ts'
export { hostsIn, readClouds, type RegisteredCloud } from './connect/registered.ts'
export { revokeAt } from './connect/revocation.ts'
