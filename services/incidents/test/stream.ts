import { Agent, request, type Dispatcher } from 'undici'
import type { Person, System } from '#shared/testing/system'

export interface Frame { id: string, event: string, data: Record<string, unknown> }

/** A reader of the live stream as a browser is one: it keeps what it received, and a test waits for what it needs. */
export async function openStream (aurora: System, person: Person, last?: string) {
  const agent = new Agent({ connect: { ca: aurora.ca }, bodyTimeout: 0 })
  const answer = await request(`${aurora.url}/api/incidents/events`, {
    dispatcher: agent,
    headers: { cookie: person.cookie(), accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) }
  })
  const frames: Frame[] = []
  const arrivals = new Set<() => void>()
  const tell = () => { for (const look of [...arrivals]) look() }
  let over = false
  const reading = read(answer.body, frame => { frames.push(frame); tell() }).catch(() => {}).finally(() => { over = true; tell() })

  /** The first frame, past or to come, that fits. */
  function frame (fits: (frame: Frame) => boolean): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => { arrivals.delete(look); reject(new Error(`it did not come: ${JSON.stringify(frames)}`)) }, 10_000)
      function look () {
        const found = frames.find(fits)
        if (found === undefined && !over) return
        clearTimeout(late)
        arrivals.delete(look)
        if (found === undefined) reject(new Error(`the stream ended before it came: ${JSON.stringify(frames)}`))
        else resolve(found)
      }
      arrivals.add(look)
      look()
    })
  }

  return {
    status: answer.statusCode,
    headers: answer.headers,
    frames,
    frame,
    incident: (number: number, status: string) => frame(({ event, data }) => event === 'incident' && data.number === number && data.status === status),
    /** Resolves when the server has ended it. */
    ended: reading,
    async close () {
      answer.body.destroy()
      await reading
      await agent.destroy()
    }
  }
}

async function read (body: Dispatcher.ResponseData['body'], onFrame: (frame: Frame) => void): Promise<void> {
  let rest = ''
  body.setEncoding('utf8')
  for await (const chunk of body) {
    const blocks = (rest + String(chunk)).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map(line => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]))
      const data = fields.get('data')
      if (data !== undefined) onFrame({ id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(data) as Record<string, unknown> })
    }
  }
}
