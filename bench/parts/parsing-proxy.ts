import { createServer } from 'node:http'
import { Pool } from 'undici'

/**
 * The yardstick: the least a gateway that looks at JSON can do. `node:http` in, undici out, request and reply parsed,
 * bytes forwarded. Prints its port. Usage: parsing-proxy.ts UPSTREAM_PORT
 */
const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`, { connections: 64 })
/** What was parsed is used, so that parsing cannot be optimised away. */
export const seen = { messages: 0, blocks: 0 }
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => void forward(Buffer.concat(chunks), request.headers as Record<string, string>))
  async function forward(body: Buffer, headers: Record<string, string>): Promise<void> {
    const { messages, stream } = JSON.parse(body.toString('utf8')) as { messages: unknown[]; stream?: boolean }
    seen.messages += messages.length
    const dropped = new Set(['host', 'connection', 'content-length'])
    const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)))
    const answer = await pool.request({ method: 'POST', path: request.url!, headers: rest, body })
    response.writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type']) })
    if (stream === true) {
      for await (const chunk of answer.body) response.write(chunk)
      return void response.end()
    }
    const reply = Buffer.from(await answer.body.arrayBuffer())
    const { content, choices } = JSON.parse(reply.toString('utf8')) as { content?: unknown[]; choices?: unknown[] }
    seen.blocks += (content ?? choices ?? []).length
    response.end(reply)
  }
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`))
