import { Type } from 'typebox'
import { closed } from '#shared/schemas'
import { Line, misshapen, oneWay, type Provider } from './provider.ts'

/** Of the errors of auth.test those that are about the token. */
const refusals = ['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired', 'access_denied', 'no_permission', 'org_login_required', 'team_access_not_granted', 'not_allowed_token_type']

/** Tokens: https://docs.slack.dev/authentication/tokens  Webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export const slack: Provider = {
  name: 'slack',
  title: 'Slack',
  schema: closed({
    botToken: Type.Optional(Line('Bot token')),
    webhookUrl: Type.Optional(Line('In place of a token: the address of an incoming webhook'))
  }),
  check: values => [
    ...oneWay(values, [['botToken'], ['webhookUrl']]),
    ...misshapen(values, {
      botToken: { is: /^xoxb-[0-9]{6,20}-[A-Za-z0-9-]{10,250}$/, words: 'is not a bot token, which begins with xoxb-: tokens of people (xoxp-) and of apps (xapp-) may do too much or too little' },
      // Nothing else: whoever writes there sends what they say to that address.
      webhookUrl: { is: /^https:\/\/hooks\.slack(-gov)?\.com\/services\/T[A-Z0-9]{2,20}\/B[A-Z0-9]{2,20}\/[A-Za-z0-9]{16,64}$/, words: 'is not an incoming webhook of Slack: https://hooks.slack.com/services/T…/B…/…' }
    })
  ],
  labels: values => ({ kind: values.botToken === undefined ? 'incoming webhook' : 'bot' }),
  // https://docs.slack.dev/reference/methods/auth.test  A webhook can only be tried by writing to its channel.
  trial: ({ botToken }) => botToken === undefined
    ? null
    : {
        address: 'https://slack.com/api/auth.test',
        method: 'POST',
        headers: { authorization: `Bearer ${botToken}` },
        means: ({ status, json }) => status !== 200 ? undefined : json.ok === true ? 'works' : json.ok === false && refusals.some(word => word === json.error) ? 'refused' : undefined
      }
}
