import { createServer } from 'node:net'
import { randomInt } from 'node:crypto'
import { StartFailure } from './failure.ts'

/**
 * Free ports on the loopback, below the range from which the kernel takes ports of outgoing connections:
 * between here and the moment a part listens, none of our own connections can take one away.
 */
export async function freePorts (count: number): Promise<number[]> {
  const found = new Set<number>()
  for (let tries = 0; found.size < count; tries++) {
    if (tries > 2000) throw new StartFailure('No free port was found between 18000 and 31999 on 127.0.0.1: end some of the programs that listen there, then start again.')
    const port = randomInt(18000, 32000)
    if (!found.has(port) && await canListen(port, '127.0.0.1') === true) found.add(port)
  }
  return [...found]
}

/** The one port that people see. Says who is to blame before anything is started. */
export async function requirePort (port: number, hosts: string[]): Promise<void> {
  for (const host of hosts) {
    const answer = await canListen(port, host)
    if (answer === 'EADDRINUSE') throw new StartFailure(`Port ${port} is in use: end the program that listens there, or choose another with PORT=${port + 1} npm start.`)
    // A machine without IPv6 has no such loopback, and nobody asked for it.
    if (answer === 'EADDRNOTAVAIL' && host !== '::1') throw new StartFailure(`${host} is no address of this machine: set LISTEN_HOST to one that is, or to 0.0.0.0 for all of them.`)
    if (answer === 'EACCES') throw new StartFailure(`Port ${port} may not be opened by this user: choose one above 1023 with PORT=8443 npm start.`)
  }
}

function canListen (port: number, host: string): Promise<true | string> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
