import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { wires } from './shapes.ts'
import type { SluiceChild } from './sluice.ts'

const READERS = 1000
/** Long enough that nobody's kernel can hold it all: about 1 MB of events. */
const DELTAS = 8000
const SETTLE_MS = 4000

/** What callers cost who ask for a long stream and then do not read it. */
export interface SlowReaders {
  readonly readers: number
  /** Growth of the process, per reader. */
  readonly kibPerReader: number
  readonly errors: number
}

/** Opens 1,000 streams and leaves them unread for some seconds. */
export async function slowReaders(sluice: SluiceChild): Promise<SlowReaders> {
  const { path, headers, request } = wires.messages
  const body = request([{ role: 'user', content: 'Please tell me a long story about a lighthouse.' }], {
    ...{ deltas: DELTAS, paced: false },
  })
  const head = [`POST ${path} HTTP/1.1`, 'host: 127.0.0.1', `content-length: ${Buffer.byteLength(body)}`]
  const text = `${[...head, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n${body}`
  const before = sluice.memoryMb()
  const sockets: Socket[] = []
  let errors = 0
  for (let i = 0; i < READERS; i++) {
    const socket = connect(sluice.port, '127.0.0.1', () => socket.write(text))
    socket.on('error', () => errors++)
    socket.pause()
    sockets.push(socket)
    if (i % 50 === 49) await sleep(50)
  }
  await sleep(SETTLE_MS)
  const kibPerReader = ((sluice.memoryMb() - before) * 1024) / READERS
  for (const socket of sockets) socket.destroy()
  return { readers: READERS, kibPerReader, errors }
}
