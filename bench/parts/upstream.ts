import { createServer, type ServerResponse } from 'node:http'
import { ANSWER, piecesOf, type Shape, wires } from './shapes.ts'

/**
 * A model API that costs next to nothing: a fixed 0.9 KB answer, or a stream of as many deltas as the model name says.
 * Prints its port. The benchmarks compare what stands in front of it.
 */
const PACE_MS = 2
/** The model's name stands at the start of a request, before anything of a caller's text. */
const NAME_WITHIN = 128

const wholes = new Map<Shape, Buffer>()
const streams = new Map<string, readonly Buffer[]>()

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const shape: Shape = request.url === wires.chat.path ? 'chat' : 'messages'
    const body = Buffer.concat(chunks)
    if (body.includes('"stream":true')) return stream(shape, body, response)
    const whole = known(wholes, shape, () => Buffer.from(wires[shape].answer(ANSWER)))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(whole.length) })
    response.end(whole)
  })
})

function stream(shape: Shape, body: Buffer, response: ServerResponse): void {
  const [, deltas = '40', paced] = /bench-(\d+)(-paced)?/.exec(body.toString('latin1', 0, NAME_WITHIN)) ?? []
  const events = known(streams, `${shape} ${deltas}`, () =>
    wires[shape].events(piecesOf(Number(deltas))).map((text) => Buffer.from(text)),
  )
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let next = 0
  const send = () => {
    response.write(events[next++])
    if (next < events.length) return true
    response.end()
    return false
  }
  if (paced !== undefined) return void pacing.add(send)
  const rush = () => {
    if (send()) setImmediate(rush)
  }
  rush()
}

/** One timer for all paced streams: a timer each would cost the machine what the benchmark is to measure. */
const pacing = new Set<() => boolean>()
setInterval(() => {
  for (const send of pacing) if (!send()) pacing.delete(send)
}, PACE_MS)

function known<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}

server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`))
