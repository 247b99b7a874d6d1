import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type Answer, directive, makeAnswer } from './answer.ts'
import { chatShape, messagesShape, responsesShape, type Shape } from './shapes.ts'
import { type Asked, LARGE, SMALL, tokensOf } from './words.ts'

export interface Rehearsal {
  readonly url: string
  close(): Promise<void>
}

const MAX_BODY_BYTES = 32 * 1024 * 1024

/**
 * The rehearsal model: a real HTTP server on loopback with a stronger and a weaker model that speaks all three wire
 * formats, streamed and not. Deterministic, and says what it is. Any other model name is answered in its place.
 */
export function startRehearsal({ port = 0 }: { port?: number } = {}): Promise<Rehearsal> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= MAX_BODY_BYTES) chunks.push(chunk)
    })
    request.on('end', () => {
      const path = (request.url ?? '/').split('?')[0]!
      if (size > MAX_BODY_BYTES) return fail(response, path, request.headers, 413, 'body is larger than 32 MiB')
      void answer(response, request.method ?? 'GET', path, request.headers, Buffer.concat(chunks).toString('utf8'))
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const close = async () => {
        server.closeAllConnections()
        await new Promise((closed) => server.close(closed))
      }
      resolve({ url, close })
    })
  })
}

const SHAPES: Readonly<Record<string, Shape>> = {
  '/v1/messages': messagesShape,
  '/v1/chat/completions': chatShape,
  '/v1/responses': responsesShape,
}

const text = z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))])
const bodySchema = z.looseObject({
  model: z.string().min(1),
  stream: z.boolean().nullish(),
  messages: z.array(z.looseObject({ role: z.string(), content: text.nullish() })).optional(),
  input: z
    .union([z.string(), z.array(z.looseObject({ role: z.string().optional(), content: text.optional() }))])
    .optional(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).max(8).nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
})

async function answer(
  response: ServerResponse,
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  body: string,
): Promise<void> {
  if (method === 'GET' && path.startsWith('/v1/models')) return models(response, path, headers)
  const status = Number(directive(headers, 'status') ?? 200)
  if (status !== 200)
    return fail(response, path, headers, status, `the rehearsal model was asked to fail with ${status}`)
  const counting = path === '/v1/messages/count_tokens'
  const shape = SHAPES[counting ? '/v1/messages' : path]
  if (method !== 'POST' || shape === undefined) return fail(response, path, headers, 404, 'no such path')
  const parsed = bodySchema.safeParse(parseJson(body))
  if (!parsed.success)
    return fail(
      response,
      path,
      headers,
      400,
      `body: ${parsed.error.issues[0]!.path.join('.') || 'not JSON'} is not as this model wants it`,
    )
  if (counting) return json(response, 200, { input_tokens: tokensOf(body), context_management: null })
  const { max_tokens, max_completion_tokens, max_output_tokens, stream, n, stream_options } = parsed.data
  const asked = {
    ...askedOf(parsed.data),
    stream: stream === true,
    maxTokens: max_tokens ?? max_completion_tokens ?? max_output_tokens ?? null,
    choices: n ?? 1,
    includeUsage: stream_options?.include_usage === true,
  }
  const made = makeAnswer(body, asked, headers)
  if (!made.stream)
    return json(response, 200, shape.whole(made), { 'request-id': `req_${made.id}`, 'x-request-id': `req_${made.id}` })
  await streamEvents(response, shape, made)
}

async function streamEvents(response: ServerResponse, shape: Shape, made: Answer): Promise<void> {
  const id = `req_${made.id}`
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': id,
    'x-request-id': id,
  })
  for (const event of shape.events(made)) {
    if (response.destroyed) return
    if (made.delayMs > 0) await sleep(made.delayMs)
    if (!response.write(event)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve))
  }
  response.end()
}

function askedOf({ model, messages, input }: z.infer<typeof bodySchema>): Asked {
  const turns = messages ?? (typeof input === 'string' ? [{ role: 'user', content: input }] : (input ?? []))
  const last = turns.findLast(({ role }) => role === 'user')?.content ?? ''
  return {
    model,
    turns: turns.length,
    last: typeof last === 'string' ? last : last.map((part) => part.text ?? '').join('\n'),
  }
}

function models(response: ServerResponse, path: string, headers: IncomingHttpHeaders): void {
  const anthropic = headers['anthropic-version'] !== undefined
  const one = (id: string) =>
    anthropic
      ? {
          ...{
            type: 'model',
            id,
            display_name: `Sluice rehearsal model (${id === SMALL ? 'small' : 'large'})`,
            created_at: '2026-06-01T00:00:00Z',
          },
          ...{
            lifecycle: 'active',
            deprecated_at: null,
            retires_at: null,
            line: null,
            capabilities: null,
            max_input_tokens: 1_000_000,
            max_tokens: 64_000,
          },
          allowed_fallback_models: id === LARGE ? [SMALL] : [],
        }
      : { id, object: 'model', created: 1_780_000_000, owned_by: 'sluice' }
  const named = path.slice('/v1/models/'.length)
  if (named !== '')
    return named === LARGE || named === SMALL
      ? json(response, 200, one(named))
      : fail(response, path, headers, 404, 'no such model')
  const all = [LARGE, SMALL].map(one)
  json(
    response,
    200,
    anthropic ? { data: all, has_more: false, first_id: LARGE, last_id: SMALL } : { object: 'list', data: all },
  )
}

function fail(
  response: ServerResponse,
  path: string,
  headers: IncomingHttpHeaders,
  status: number,
  message: string,
): void {
  const anthropic = path.startsWith('/v1/messages') || headers['anthropic-version'] !== undefined
  const body = anthropic
    ? {
        type: 'error',
        error: {
          type: status === 429 ? 'rate_limit_error' : status >= 500 ? 'api_error' : 'invalid_request_error',
          message,
        },
        request_id: 'req_rehearsal',
      }
    : { error: { message, type: status >= 500 ? 'server_error' : 'invalid_request_error', param: null, code: null } }
  json(response, status, body, { 'request-id': 'req_rehearsal', 'x-request-id': 'req_rehearsal' })
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': String(bytes.length), ...headers })
  response.end(bytes)
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
