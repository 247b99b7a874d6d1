import { isRecord, type Json } from './values.ts'

/** Members that a retry may change (wire.md §7). */
const FREE: ReadonlySet<string> = new Set(['model', 'stream', 'speed', 'fallback_credit_token', 'fallbacks'])

/** What a credit token is bound to: the request without what a retry may change, keys in order. */
export function creditBody(body: Json): string {
  const bound: Record<string, unknown> = {}
  for (const key of Object.keys(body)) if (!FREE.has(key)) bound[key] = body[key]
  const { thinking } = bound
  if (isRecord(thinking) && thinking.type === 'between_tools') bound.thinking = { type: 'disabled' }
  return canonical(bound)
}

/**
 * The request without a last assistant turn of text alone, and that text; null where the last turn is another's, or has
 * anything but text: only text is ever gone on from.
 */
export function withoutContinuation(body: Json): { readonly body: Json; readonly text: string } | null {
  const messages = Array.isArray(body.messages) ? (body.messages as unknown[]) : []
  const last = messages.at(-1)
  if (!isRecord(last) || last.role !== 'assistant') return null
  const text = typeof last.content === 'string' ? last.content : textOf(last.content)
  return text === null ? null : { body: { ...body, messages: messages.slice(0, -1) }, text: text.trimEnd() }
}

function textOf(content: unknown): string | null {
  if (!Array.isArray(content)) return null
  let all = ''
  for (const block of content as unknown[]) {
    if (!isRecord(block) || block.type !== 'text' || typeof block.text !== 'string') return null
    all += block.text
  }
  return all
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isRecord(value)) return JSON.stringify(value)
  const members = Object.keys(value).sort()
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`
}
