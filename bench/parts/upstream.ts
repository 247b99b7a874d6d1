import { createServer } from 'node:http'

/**
 * A model API that costs next to nothing: a fixed 0.9 KB Messages answer, or the same text as a stream of 40 deltas.
 * Prints its port. The benchmarks compare what stands in front of it.
 */
const sentence = 'The overflow is in parse_len: the length is read before it is checked against the buffer. '
const text = sentence.repeat(7)
const usage = { input_tokens: 480, output_tokens: 160, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }
const base = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'bench-large' }
const whole = Buffer.from(
  JSON.stringify({ ...base, content: [{ type: 'text', text }], stop_reason: 'end_turn', stop_sequence: null, usage }),
)
const event = (type: string, body: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
const step = Math.ceil(text.length / 40)
const pieces = Array.from({ length: 40 }, (_, i) => text.slice(i * step, (i + 1) * step))
const stream = [
  event('message_start', { message: { ...base, content: [], stop_reason: null, stop_sequence: null, usage } }),
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  ...pieces.map((piece) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: piece } })),
  event('content_block_stop', { index: 0 }),
  event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 160 } }),
  event('message_stop', {}),
].map((part) => Buffer.from(part))

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    if (Buffer.concat(chunks).includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      let next = 0
      const send = () => {
        response.write(stream[next++])
        if (next < stream.length) setImmediate(send)
        else response.end()
      }
      return send()
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(whole.length) })
    response.end(whole)
  })
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`))
