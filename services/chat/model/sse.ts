/**
 * Server-sent events as model servers really send them: any line ending, comments, a character or a line cut by a
 * packet, no blank line at the end. Yields the data of each event.
 */
const MAX_LINE = 1024 * 1024

export async function * eventsOf (body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  let data: string[] = []

  function * read (lines: string[]): Generator<string> {
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield data.join('\n')
        data = []
      } else if (line.startsWith('data:')) {
        data.push(line.slice(line[5] === ' ' ? 6 : 5))
      }
    }
  }

  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true })
    // a carriage return at the very end may be half of a line ending
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE) throw new RangeError('a line of the event stream is too long')
    yield * read(lines)
  }
  yield * read([...(rest + decoder.decode()).split(/\r\n|\n|\r/), ''])
}
