import { Type } from 'typebox'
import { closed } from '#shared/schemas'
import { signedHeaders } from './aws-signature.ts'
import { Line, misshapen, oneWay, type Provider, type Values } from './provider.ts'

const keys = ['accessKeyId', 'secretAccessKey'] as const
const role = ['roleArn', 'externalId'] as const
const regionName = /^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$/
const refusals = /<Code>(InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken)<\/Code>/

/**
 * The keys of a user, or a role that this installation takes on. Prefixes of ids: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 * Role and external id: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const aws: Provider = {
  name: 'aws',
  title: 'Amazon Web Services',
  schema: closed({
    accessKeyId: Type.Optional(Line('Access key id', 128)),
    secretAccessKey: Type.Optional(Line('Secret access key', 128)),
    sessionToken: Type.Optional(Line('With a temporary key (ASIA…)', 4_096)),
    roleArn: Type.Optional(Line('In place of keys: the role to take on', 2_048)),
    externalId: Type.Optional(Line('With a role: the external id that its trust policy asks for', 1_224)),
    region: Type.Optional(Type.String({ pattern: regionName.source, maxLength: 32, description: 'Default region' }))
  }),
  check: values => [
    ...oneWay(values, [keys, role]),
    ...misshapen(values, {
      accessKeyId: { is: /^(AKIA|ASIA)[A-Z0-9]{16}$/, words: 'is not an access key id: AKIA or ASIA and 16 capitals or digits' },
      secretAccessKey: { is: /^[A-Za-z0-9/+=]{40}$/, words: 'is not a secret access key: 40 characters' },
      roleArn: { is: /^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role\/([\x21-\x7e]+\/)?[\w+=,.@-]{1,64}$/, words: 'is not the ARN of a role: arn:aws:iam::<account>:role/<name>' },
      externalId: { is: /^[\w+=,.@:/-]{2,1224}$/, words: 'is not an external id: 2 to 1224 letters, digits and +=,.@:/-_' }
    }),
    ...checkSession(values)
  ],
  labels: values => ({ ...values.region === undefined ? {} : { region: values.region }, ...values.roleArn === undefined ? {} : { role: values.roleArn } }),
  // Needs no permission, and none can be taken away: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html  Taking a role on is doing something.
  trial: ({ accessKeyId, secretAccessKey = '', sessionToken, region = 'us-east-1' }) => {
    if (accessKeyId === undefined || !regionName.test(region)) return null
    const host = `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
    const query = 'Action=GetCallerIdentity&Version=2011-06-15'
    return {
      address: `https://${host}/?${query}`,
      headers: { accept: 'application/xml', ...signedHeaders({ host, query, region, service: 'sts', accessKeyId, secretAccessKey, sessionToken }) },
      means: ({ status, text }) => status === 200 && text.includes('<GetCallerIdentityResponse') ? 'works' : status === 403 && refusals.test(text) ? 'refused' : undefined
    }
  }
}

/** A temporary key is nothing without its token, and a lasting one has none. */
function checkSession ({ accessKeyId = '', sessionToken }: Values) {
  const path = '/values/sessionToken'
  if (accessKeyId.startsWith('ASIA') && sessionToken === undefined) return [{ path, message: 'is missing: a key that begins with ASIA is temporary' }]
  if (!accessKeyId.startsWith('ASIA') && sessionToken !== undefined) return [{ path, message: 'goes only with a temporary key, which begins with ASIA' }]
  return []
}
