import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Recorded {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface RecordingUpstream {
  readonly url: string
  readonly requests: Recorded[]
  /** How the next requests are answered. */
  answer: (request: Recorded, response: ServerResponse) => void
  /** Connections that are open now. */
  connections(): Promise<number>
  close(): Promise<void>
}

/** A real HTTP server that keeps every byte it was sent and answers as the test says. */
export function startRecordingUpstream(): Promise<RecordingUpstream> {
  const requests: Recorded[] = []
  const upstream = { answer: (_: Recorded, response: ServerResponse) => void response.end() }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const recorded = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks),
      }
      requests.push(recorded)
      upstream.answer(recorded, response)
    })
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const close = async () => {
        server.closeAllConnections()
        await new Promise((closed) => server.close(closed))
      }
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const connections = () =>
        new Promise<number>((counted, failed) =>
          server.getConnections((error, n) => (error === null ? counted(n) : failed(error))),
        )
      resolve(Object.assign(upstream, { url, requests, connections, close }))
    })
  })
}

export const MESSAGE = {
  id: 'msg_recorded',
  type: 'message',
  role: 'assistant',
  model: 'model-x',
  content: [{ type: 'text', text: 'The bug is on line 3.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 12, output_tokens: 7 },
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
