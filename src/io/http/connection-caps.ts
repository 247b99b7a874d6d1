import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Bounds how many connections are open, in total and from one address: what is above is closed unread, so a flood from
 * one place leaves room for others. A load balancer in front is one address, too.
 */
export function capConnections(server: Server, total: number, perAddress: number): void {
  server.maxConnections = total
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const others = open.get(address) ?? 0
    if (others >= perAddress) return void socket.destroy()
    open.set(address, others + 1)
    socket.once('close', () => {
      const left = open.get(address)! - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}
