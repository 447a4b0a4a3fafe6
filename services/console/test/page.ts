import type { WebSocket } from 'ws'
import { setTimeout as delay } from 'node:timers/promises'

interface View { width: number, height: number, dark: boolean, phone?: boolean }

type Params = Record<string, unknown>

/** One tab. What a person does is done by what a person sees: names of buttons, labels of fields, text on the page. */
export async function openPage (socket: WebSocket) {
  const violations: string[] = []
  const requests: string[] = []
  const waiting = new Map<number, { resolve: (result: Params) => void, reject: (error: Error) => void }>()
  let last = 0

  socket.on('message', data => {
    const { id, result, error, method, params } = JSON.parse(String(data)) as { id?: number, result?: Params, error?: { message: string }, method?: string, params?: Params }
    if (id !== undefined) {
      const pending = waiting.get(id)
      waiting.delete(id)
      if (error !== undefined) pending?.reject(new Error(error.message))
      else pending?.resolve(result ?? {})
    }
    if (method === 'Network.requestWillBeSent') requests.push((params?.['request'] as { url: string }).url)
    if (method === 'Network.webSocketCreated') requests.push(params?.['url'] as string)
    if (method === 'Runtime.exceptionThrown') violations.push(JSON.stringify(params?.['exceptionDetails']))
    if (method === 'Log.entryAdded') {
      const entry = params?.['entry'] as { source: string, text: string }
      // the edge forbids features that this browser does not even have on this platform
      if (entry.text.includes('Permissions-Policy header: Unrecognized feature')) return
      if (entry.source === 'security' || /Content.Security.Policy|TrustedHTML|TrustedScript/i.test(entry.text)) violations.push(entry.text)
    }
  })

  const send = async (method: string, params: Params = {}) => {
    const id = ++last
    return await new Promise<Params>((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      socket.send(JSON.stringify({ id, method, params }))
    })
  }

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }) as
      { result: { value: T }, exceptionDetails?: { exception?: { description?: string } } }
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? 'the page threw')
    return result.value
  }

  /** Asks the page again and again, at most 15 s, until the answer is truthy. */
  const until = async <T>(what: string, expression: string): Promise<T> => {
    const end = Date.now() + 15_000
    for (;;) {
      const value = await evaluate<T>(expression).catch(() => undefined as T)
      if (value) return value
      if (Date.now() > end) throw new Error(`waited 15 s for ${what}; the page at ${await evaluate('location.pathname')} says:\n${await evaluate('document.body.innerText')}`)
      await delay(50)
    }
  }

  for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await send(`${domain}.enable`)

  return {
    violations,
    requests,
    send,
    evaluate,
    until,
    open: async (url: string) => {
      await send('Page.navigate', { url })
      await until('the page to load', "document.readyState === 'complete' && document.getElementById('root')?.childElementCount > 0")
    },
    view: async ({ width, height, dark, phone = false }: View) => {
      await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: phone ? 2 : 1, mobile: phone })
      await send('Emulation.setTouchEmulationEnabled', { enabled: phone })
      await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] })
    },
    sees: async (text: string) => await until<boolean>(`“${text}”`, `document.body.innerText.includes(${JSON.stringify(text)})`),
    /** A press of the mouse on the button or link of this name, once it stands still and nothing lies over it: a press goes to a place and not to an element. */
    press: async (name: string) => {
      const find = `[...document.querySelectorAll('button, a, summary')].findLast(each => each.checkVisibility() && !each.disabled && (each.getAttribute('aria-label') ?? each.innerText).trim() === ${JSON.stringify(name)})`
      const point = await until<{ x: number, y: number }>(`a button or link “${name}”`, `(async () => {
        const it = ${find}
        it.scrollIntoView({ block: 'nearest' })
        const middle = () => { const box = it.getBoundingClientRect(); return { x: box.x + box.width / 2, y: box.y + box.height / 2 } }
        const before = middle()
        await new Promise(done => setTimeout(done, 50))
        const { x, y } = middle()
        return it.isConnected && x === before.x && y === before.y && it.contains(document.elementFromPoint(x, y)) ? { x, y } : null
      })()`)
      for (const type of ['mousePressed', 'mouseReleased']) await send('Input.dispatchMouseEvent', { type, ...point, button: 'left', clickCount: 1 })
    },
    /** Types into the field with this label, in place of what it holds. */
    fill: async (label: string, text: string) => {
      await until(`a field “${label}”`, `(() => { const it = [...document.querySelectorAll('input, textarea')].findLast(each => (each.getAttribute('aria-label') ?? each.labels[0]?.innerText) === ${JSON.stringify(label)}); it.focus(); it.select(); return true })()`)
      await send('Input.insertText', { text })
    },
    key: async (key: string) => {
      const code = { Enter: 13, Escape: 27, Tab: 9 }[key] ?? 0
      await send('Input.dispatchKeyEvent', { type: 'keyDown', key, code: key, windowsVirtualKeyCode: code, ...(key === 'Enter' ? { text: '\r' } : {}) })
      await send('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key, windowsVirtualKeyCode: code })
    },
    screenshot: async () => Buffer.from((await send('Page.captureScreenshot', { format: 'png' }))['data'] as string, 'base64')
  }
}

export type Page = Awaited<ReturnType<typeof openPage>>
