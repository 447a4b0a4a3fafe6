import { Type } from 'typebox'
import { closed } from '#shared/schemas'
import { Line, misshapen, oneWay, type Provider } from './provider.ts'

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
  labels: values => ({ kind: values.botToken === undefined ? 'incoming webhook' : 'bot' })
}
