import { invalid } from '#shared/errors'

/**
 * A kubeconfig is a key to a whole cluster, often its administrator's, and no place is good enough for it: clusters are connected by an agent that runs in them,
 * with the rights that it was given there, and dials out. So it is refused, in whatever field it is pasted, as it is or in base64.
 */
export function refuseKubeconfig (body: unknown): void {
  const { values } = fieldsOf(body)
  if ([body, values].some(isConfig) || [values, ...Object.values(fieldsOf(values))].some(holdsConfig)) throw noKubeconfig()
}

export const noKubeconfig = () => invalid([{
  path: '/values',
  message: 'is a kubeconfig, which is not stored here. Connect the cluster by the agent: it runs in the cluster with the rights that you give it there, and no credential of the cluster leaves it'
}])

const fieldsOf = (value: unknown): Record<string, unknown> => typeof value === 'object' && value !== null ? value as Record<string, unknown> : {}

/** Pasted as the JSON that it is, in place of the values. */
const isConfig = (value: unknown): boolean => {
  const { kind, clusters, contexts } = fieldsOf(value)
  return kind === 'Config' || (Array.isArray(clusters) && Array.isArray(contexts))
}

const holdsConfig = (value: unknown): boolean => typeof value === 'string' && (marks.test(value) || marks.test(Buffer.from(value, 'base64').toString('latin1')))

/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ */
const marks = /(?<![\w-])(?:current-context|client-(?:certificate|key)(?:-data)?|certificate-authority-data|insecure-skip-tls-verify)["']?\s{0,8}:|(?<![\w-])kind["']?\s{0,8}:\s{0,8}["']?Config(?![\w-])/
