/** Tool calls come in fragments keyed by `index`, several interleaved; id and name stand on the first fragment only. */
export interface ToolCall {
  id: string
  name: string
  arguments: string
}

export interface ToolFragment {
  index: number
  id?: string
  name?: string
  arguments?: string
}

const MAX_CALLS = 16
const MAX_ARGUMENTS = 64 * 1024

export function toolCalls () {
  const calls = new Map<number, ToolCall>()
  return {
    add ({ index, id, name, arguments: part = '' }: ToolFragment): void {
      const call = calls.get(index) ?? { id: '', name: '', arguments: '' }
      if (!calls.has(index) && calls.size === MAX_CALLS) throw new RangeError('too many tool calls')
      if (call.arguments.length + part.length > MAX_ARGUMENTS) throw new RangeError('the arguments of a tool call are too long')
      calls.set(index, { id: call.id || (id ?? ''), name: call.name || (name ?? ''), arguments: call.arguments + part })
    },

    /** All calls in their order. Empty arguments mean an empty object. */
    all: (): ToolCall[] => [...calls]
      .sort(([one], [other]) => one - other)
      .map(([, call]) => ({ ...call, arguments: call.arguments.trim() || '{}' }))
  }
}
