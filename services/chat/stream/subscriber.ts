/**
 * The one Redis connection of this process that only listens. A thousand readers of one answer are one subscription;
 * `gap` tells every listener that messages may have been missed while the connection was away.
 */
import type { Redis } from 'ioredis'

export interface Listener {
  message: (body: string) => void
  gap?: () => void
}

interface Channel {
  listeners: Set<Listener>
  ready: Promise<unknown>
}

export type Subscriber = ReturnType<typeof subscriberOn>

export function subscriberOn (redis: Redis) {
  const channels = new Map<string, Channel>()
  let connectedBefore = false

  redis.on('message', (name: string, body: string) => {
    for (const listener of [...channels.get(name)?.listeners ?? []]) listener.message(body)
  })
  // readers look at once whether they can go on without us; where Redis itself is gone they are told to read the database
  redis.on('close', () => {
    for (const channel of channels.values()) for (const listener of [...channel.listeners]) listener.gap?.()
  })
  redis.on('ready', () => {
    if (!connectedBefore) {
      connectedBefore = true
      return
    }
    // what was published while we were away is in the log: subscribe again first, then let everyone read it
    for (const [name, channel] of channels) channel.ready = redis.subscribe(name)
    for (const channel of channels.values()) {
      // a connection that cannot listen is no use: try with another
      channel.ready.then(() => channel.listeners.forEach(listener => listener.gap?.()), () => redis.disconnect(true))
    }
  })

  function open (name: string): Channel {
    const channel = { listeners: new Set<Listener>(), ready: redis.subscribe(name) }
    channels.set(name, channel)
    channel.ready.catch(() => {})
    return channel
  }

  return {
    /** After an outage each connection comes back by itself, this one perhaps last. */
    isReady: () => redis.status === 'ready',

    /** Resolves when Redis has confirmed; the answer ends it. */
    async listen (name: string, listener: Listener): Promise<() => void> {
      const channel = channels.get(name) ?? open(name)
      channel.listeners.add(listener)
      const leave = () => {
        channel.listeners.delete(listener)
        if (channel.listeners.size > 0 || channels.get(name) !== channel) return
        channels.delete(name)
        redis.unsubscribe(name).catch(() => {})
      }
      try {
        await channel.ready
      } catch (error) {
        leave()
        throw error
      }
      return leave
    }
  }
}
