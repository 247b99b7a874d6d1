import { hash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Answer } from './answer.ts'
import type { Rehearsal } from './server.ts'
import { chatShape, messagesShape, responsesShape, type Shape } from './shapes.ts'
import { tokensOf } from './words.ts'

/** How often a model of this server solves an exercise, by what stands in the prompt; the first rule that holds counts. */
export interface RehearsalRate {
  /** Words that the prompt must hold; null holds always. */
  readonly when: string | null
  /** In [0, 1]. */
  readonly rate: number
}

export interface RehearsalMember {
  readonly models: Readonly<Record<string, readonly RehearsalRate[]>>
  readonly seed: number
  /** Share of exercises that are as hard for one model as for another, in [0, 1]. */
  readonly alike?: number
  readonly port?: number
}

export interface RehearsalServer extends Rehearsal {
  /** Questions answered so far, by model. */
  readonly asked: ReadonlyMap<string, number>
}

/** An exercise with a code word for an answer: nothing harmful in it, and easy to grade. */
export function rehearsalExercise(number: number): { id: string; prompt: string; answer: string } {
  const id = `exercise-${String(number).padStart(4, '0')}`
  return { id, prompt: `Say the code word of ${id}.`, answer: codeWordOf(id) }
}

/**
 * Members of a panel, or what stands behind a gateway, for tests and demonstrations: a real HTTP server on loopback whose
 * models solve exercises at known rates. The same seed, model and prompt give the same answer, whenever and however
 * often they are asked. Speaks all three wire formats, not streamed.
 */
export function startRehearsalMember(member: RehearsalMember): Promise<RehearsalServer> {
  const asked = new Map<string, number>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const shape = SHAPES[(request.url ?? '').split('?')[0]!]
      if (shape === undefined || request.method !== 'POST')
        return json(response, 404, { error: { message: 'no such path' } })
      const body = Buffer.concat(chunks).toString('utf8')
      const made = answerTo(body, member)
      if (made === null) return json(response, 404, { error: { message: 'no such model' } })
      asked.set(made.model, (asked.get(made.model) ?? 0) + 1)
      json(response, 200, shape.whole(made))
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(member.port ?? 0, '127.0.0.1', () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const close = async () => {
        server.closeAllConnections()
        await new Promise((closed) => server.close(closed))
      }
      resolve({ url, asked, close })
    })
  })
}

const SHAPES: Readonly<Record<string, Shape>> = {
  '/v1/messages': messagesShape,
  '/v1/chat/completions': chatShape,
  '/v1/responses': responsesShape,
}

function answerTo(body: string, { models, seed, alike = 0 }: RehearsalMember): Answer | null {
  const { model } = JSON.parse(body) as { model: string }
  const rule = models[model]?.find(({ when }) => when === null || body.includes(when))
  if (rule === undefined) return null
  const id = /exercise-\d{4}/.exec(body)?.[0] ?? ''
  const luck = unitOf(`${seed} ${model} ${id} alike`) < alike ? unitOf(id) : unitOf(`${seed} ${model} ${id}`)
  const text = luck < rule.rate ? `The code word is ${codeWordOf(id)}.` : `I think it is ${codeWordOf(`${id} wrong`)}.`
  return {
    id: hash('sha256', body).slice(0, 24),
    createdAtSeconds: 1_780_000_000,
    model,
    stream: false,
    choices: 1,
    includeUsage: true,
    text,
    pieces: [text],
    stop: 'end',
    tool: null,
    inputTokens: tokensOf(body),
    outputTokens: tokensOf(text),
    delayMs: 0,
  }
}

function codeWordOf(id: string): string {
  return `w${hash('sha256', `code word of ${id}`).slice(0, 12)}`
}

/** A number in [0, 1) that a text always has. */
function unitOf(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 12), 16) / 2 ** 48
}

function json(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': String(bytes.length) })
  response.end(bytes)
}
