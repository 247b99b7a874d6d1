import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RecordingUpstream, startRecordingUpstream } from '../parts/recording-upstream.ts'

/** A real server on loopback that answers with texts as they are written, whole or as a stream. */
export interface Shelf extends RecordingUpstream {
  /** Every next request gets this text; the requests before are forgotten. */
  serve(text: string, status?: number, headers?: Readonly<Record<string, string>>): void
  /** Each next request gets the next text, the last one for ever. */
  serveInTurn(...texts: readonly string[]): void
  /** The model that a request names chooses the text. A stream pauses before words that a test waits for. */
  serveByModel(texts: Readonly<Record<string, string>>): void
  /** The text, and then the connection is cut, or ended as if that were all. */
  breakOff(text: string, how: 'cut' | 'end'): void
}

export async function startShelf(): Promise<Shelf> {
  const upstream = await startRecordingUpstream()
  const fresh = (answer: RecordingUpstream['answer']) => {
    upstream.requests.length = 0
    upstream.answer = answer
  }
  return Object.assign(upstream, {
    serve(text: string, status = 200, headers: Readonly<Record<string, string>> = {}) {
      fresh((_, response) => head(response, text, status, headers).end(text))
    },
    serveInTurn(...texts: readonly string[]) {
      fresh((_, response) => {
        const text = texts[Math.min(upstream.requests.length, texts.length) - 1]!
        head(response, text).end(text)
      })
    },
    serveByModel(texts: Readonly<Record<string, string>>) {
      fresh(({ body }, response) => {
        const asked = body.length === 0 ? {} : (JSON.parse(body.toString()) as { model?: string })
        const text = texts[asked.model ?? ''] ?? texts['*'] ?? ''
        void slowly(head(response, text), text)
      })
    },
    breakOff(text: string, how: 'cut' | 'end') {
      fresh((_, response) => {
        head(response, text).write(text)
        // Later, so that what was written has left.
        setTimeout(() => (how === 'cut' ? response.destroy() : response.end()), 30)
      })
    },
  })
}

function head(
  response: ServerResponse,
  text: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  const type = /^(event|data|:)/.test(text) ? 'text/event-stream' : 'application/json'
  return response.writeHead(status, { 'content-type': type, ...headers })
}

/** Event by event; what came before a word that stops the answer has been read, and has left, by then. */
async function slowly(response: ServerResponse, text: string): Promise<void> {
  for (const event of text.split(/(?<=\n\n)/)) {
    if (/outrefuse|outdivert/.test(event)) await sleep(60)
    if (response.destroyed) return
    response.write(event)
    await sleep(1)
  }
  response.end()
}
