/**
 * A model server that sends what real ones send, chosen by the name of the model, and refuses what they refuse: a wrong
 * key, a request that is no streaming completion.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { eventually } from '#shared/testing/system'

export const GOOD_KEY = 'double-key-7f3c9a'

type Script = (response: ServerResponse, request: { messages: Array<{ role: string, content: string }> }) => void | Promise<void>

const chunk = (content: string, finish: string | null = null) =>
  JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }], usage: null })
const usage = (more: object) =>
  JSON.stringify({ ...more, usage: { prompt_tokens: 11, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } } })
const event = (data: string) => `data: ${data}\n\n`
const tool = (index: number, part: object) => JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index, ...part }] }, finish_reason: null }] })

/** Name of the model → the body that it streams. All say "Disk full – 98 %" where they say anything. */
export const bodies: Record<string, string> = {
  plain: event(chunk('Disk ')) + event(chunk('full – ')) + event(chunk('98 %', 'stop')) + event(usage({ choices: [] })) + event('[DONE]'),
  'usage with choices null': event(chunk('Disk full – 98 %', 'stop')) + event(usage({ choices: null })) + event('[DONE]'),
  'usage without choices': event(chunk('Disk full – 98 %', 'stop')) + event(usage({})) + event('[DONE]'),
  'line endings of Windows': (event(chunk('Disk ')) + event(chunk('full – 98 %', 'stop')) + event('[DONE]')).replaceAll('\n', '\r\n'),
  'line endings of old': (event(chunk('Disk ')) + event(chunk('full – 98 %', 'stop')) + event('[DONE]')).replaceAll('\n', '\r'),
  'keep-alive comments': ': keep-alive\n\n' + event(chunk('Disk ')) + ': OPENROUTER PROCESSING\n\n' + event(chunk('full – 98 %', 'stop')) + event('[DONE]'),
  'no space after data': event(chunk('Disk full – 98 %', 'stop')).replace('data: ', 'data:') + 'data:[DONE]\n\n',
  'no blank line between': `data: ${chunk('Disk ')}\ndata: ${chunk('full – 98 %', 'stop')}\ndata: [DONE]\n`,
  'no [DONE]': event(chunk('Disk ')) + event(chunk('full – 98 %', 'stop')),
  'usage on every chunk': event(usage({ choices: [{ delta: { content: 'Disk ' } }] }).replace('"completion_tokens":3', '"completion_tokens":1')) +
    event(usage({ choices: [{ delta: { content: 'full – 98 %' }, finish_reason: 'stop' }] })) + event('[DONE]'),
  'null content and a role': event(JSON.stringify({ choices: [{ delta: { role: 'assistant', content: null } }] })) + event(chunk('Disk full – 98 %', 'stop')) + event('[DONE]'),
  'error in the middle': event(chunk('Disk ')) + event(JSON.stringify({ error: { message: `overloaded, key ${GOOD_KEY}`, code: 529 } })),
  'broken off': event(chunk('Disk ')),
  'cut by length': event(chunk('Disk ', 'length')) + event('[DONE]'),
  'tool calls': event(tool(0, { id: 'a', function: { name: 'search', arguments: '{"q":' } })) + event(tool(1, { id: 'b', function: { name: 'read' } })) +
    event(tool(0, { function: { arguments: '"disk"}' } })) + event(tool(1, { function: { arguments: '' } })) +
    event(JSON.stringify({ choices: [{ delta: {}, finish_reason: 'tool_calls' }] })) + event('[DONE]'),
  'a line without end': event(chunk('Disk ')) + `data: ${GOOD_KEY}`.repeat(10_000),
  'an event without end': event(chunk('Disk ')) + `data: ${GOOD_KEY}\n`.repeat(20_000),
  'not JSON': event('<html>')
}

const scripts: Record<string, Script> = {
  async slow (response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (let n = 1; n <= 40 && !response.destroyed; n++) {
      response.write(event(chunk(`word${n} `)))
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    response.end(event(chunk('end', 'stop')) + event('[DONE]'))
  },
  silent (response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(event(chunk('Disk ')))
  },
  dies (response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(event(chunk('Disk ')), () => response.socket?.resetAndDestroy())
  },
  busy: response => { response.writeHead(429).end('{}') },
  failing: response => { response.writeHead(500, { 'content-type': 'text/html' }).end('<html>stack</html>') },
  moved: response => { response.writeHead(302, { location: 'http://169.254.169.254/' }).end() },
  /** Says what it was shown. */
  echo (response, { messages }) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(event(chunk(JSON.stringify(messages), 'stop')) + event('[DONE]'))
  }
}

export async function startModelDouble (port = 0) {
  const server = createServer((request, response) => { answer(request, response).catch(() => response.destroy()) })
  // chat may reach one port, so tests that run side by side take turns
  await eventually(async () => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  }, `port ${port}, which another test has`, 90)
  const { port: taken } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${taken}`,
    baseUrl: `http://127.0.0.1:${taken}/v1`,
    async close () {
      server.close()
      server.closeAllConnections()
    }
  }
}

async function answer (request: IncomingMessage, response: ServerResponse) {
  const body = await text(request)
  if (request.url !== '/v1/chat/completions' || request.method !== 'POST') return response.writeHead(404).end()
  if (request.headers.authorization !== `Bearer ${GOOD_KEY}`) return response.writeHead(401).end('{"error":{"message":"wrong key"}}')
  const asked = JSON.parse(body) as { model: string, stream: boolean, messages: Array<{ role: string, content: string }> }
  if (!asked.stream || asked.messages.length === 0) return response.writeHead(400).end()
  const script = scripts[asked.model]
  if (script) return script(response, asked)
  const streamed = bodies[asked.model]
  if (streamed === undefined) return response.writeHead(404).end()
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(streamed)
}
