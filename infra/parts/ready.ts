import { request } from 'node:http'
import { connect } from 'node:net'

/** True when something listens on the loopback port. */
export function connects (port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' })
    const end = (answer: boolean) => { socket.destroy(); resolve(answer) }
    socket.setTimeout(1000, () => end(false))
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}

/** True when Redis or Valkey answers on its socket: NOAUTH is an answer, LOADING is not yet one. */
export function answersPing (path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ path })
    const end = (answer: boolean) => { socket.destroy(); resolve(answer) }
    socket.setTimeout(1000, () => end(false))
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', text => end(/^(\+PONG|-NOAUTH|-NOPERM)/.test(text.toString())))
    socket.once('error', () => end(false))
  })
}

/** True when a plain internal page answers 200. */
export function answersOk (port: number, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    const asked = request({ host: '127.0.0.1', port, path, agent: false, signal }, response => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.once('error', () => resolve(false))
    asked.end()
  })
}
