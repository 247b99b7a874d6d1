import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Asked, answerTo, piecesOf, tokensOf } from './words.ts'

/** One answer of the rehearsal model, before it takes the shape of a protocol. */
export interface Answer {
  /** Derived from the body: the same request gives the same bytes. */
  readonly id: string
  readonly createdAtSeconds: number
  readonly model: string
  readonly stream: boolean
  readonly choices: number
  readonly includeUsage: boolean
  readonly text: string
  readonly pieces: readonly string[]
  readonly stop: 'end' | 'length' | 'refusal'
  /** A tool to call with the text as its input, instead of saying it. */
  readonly tool: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly delayMs: number
}

const PIECE_CHARS = 24

/** Directives in headers (`x-rehearsal-…`) let a test say what is answered, in what pieces, and how slowly. */
export function makeAnswer(
  body: string,
  asked: Asked & { maxTokens: number | null; stream: boolean; choices: number; includeUsage: boolean },
  headers: IncomingHttpHeaders,
): Answer {
  const say = directive(headers, 'say')
  const whole = say === null ? answerTo(asked) : Buffer.from(say, 'base64url').toString('utf8')
  const most = asked.maxTokens === null ? whole.length : asked.maxTokens * 4
  const text = whole.slice(0, most).toWellFormed()
  const refuses = directive(headers, 'refuse') !== null
  return {
    id: hash('sha256', body).slice(0, 24),
    createdAtSeconds: 1_780_000_000,
    model: asked.model,
    stream: asked.stream,
    choices: asked.choices,
    includeUsage: asked.includeUsage,
    text: refuses ? '' : text,
    pieces: refuses ? [] : piecesOf(text, Math.max(1, Number(directive(headers, 'pieces') ?? PIECE_CHARS))),
    stop: refuses ? 'refusal' : text.length < whole.length ? 'length' : 'end',
    tool: directive(headers, 'tool'),
    inputTokens: tokensOf(body),
    outputTokens: refuses ? 1 : tokensOf(text) * asked.choices,
    delayMs: Math.min(1000, Number(directive(headers, 'delay-ms') ?? 0)),
  }
}

export function directive(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[`x-rehearsal-${name}`]
  return typeof value === 'string' && value !== '' ? value : null
}
