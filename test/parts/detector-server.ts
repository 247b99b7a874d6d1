import type { ServerResponse } from 'node:http'
import { NATIVE_CATEGORIES } from '../../src/core/protocols/moderations.ts'
import { json, type Recorded, type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'

export type Say = (response: ServerResponse, request: Recorded) => void

export interface DetectorServer extends RecordingUpstream {
  /** What each endpoint says next, by path. */
  readonly says: Record<string, Say>
  /** Paths in the order they were asked. */
  asked(): string[]
}

/** Second opinions over a real socket: each endpoint says what the test wants. */
export async function startDetectorServer(): Promise<DetectorServer> {
  const server = await startRecordingUpstream()
  const says: Record<string, Say> = {}
  server.answer = (request, response) => (says[request.url] ?? status(404))(response, request)
  return Object.assign(server, { says, asked: () => server.requests.map(({ url }) => url) })
}

export const MODERATION = '/v1/moderations'
export const DECISIONS = '/v1/decisions'
export const CHAT = '/v1/chat/completions'
export const MESSAGES = '/v1/messages'

export const status =
  (code: number, headers: Record<string, string> = {}): Say =>
  (response) =>
    json(response, code, { error: { message: 'no' } }, headers)

export const body =
  (value: unknown): Say =>
  (response) =>
    json(response, 200, value)

/** Says nothing at all. */
export const silence: Say = () => undefined

/** A byte now and then, for ever: alive, and never done. */
export const drip: Say = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 20)
  response.on('close', () => clearInterval(timer))
}

export const moderated = (scores: Record<string, number>, more: { flagged?: boolean } = {}): Say =>
  body({
    results: [
      { category_scores: { ...Object.fromEntries(NATIVE_CATEGORIES.map((name) => [name, 0])), ...scores }, ...more },
    ],
  })

export const decided =
  (probability: number): Say =>
  (response, request) => {
    const { questions } = JSON.parse(request.body.toString()) as { questions: { name: string }[] }
    json(response, 200, { answers: questions.map(({ name }) => ({ type: 'predicate', name, probability })) })
  }

export const chat = (content: string): Say => body({ choices: [{ message: { content }, finish_reason: 'stop' }] })

export const verdict = (verdict: string, category: string, confidence_bucket: string): Say =>
  chat(JSON.stringify({ verdict, category, confidence_bucket }))
