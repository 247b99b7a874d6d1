import { type Exchange, NOTHING_WANTED, type Part, type Turn } from '../conversation/exchange.ts'
import type { JsonDocument } from './json.ts'
import { ASSISTANT, DOCUMENT, newestFrom, TOOL_RESULT, text, USER, unknown } from './parts.ts'
import {
  isRecord,
  type Json,
  MOST_MODEL_UNITS,
  records,
  stringOr,
  stringsIn,
  stringValuesIn,
  wordsIn,
} from './values.ts'

/** Inference hooks (wire.md §14): a vendor asks for a verdict on a request that it serves itself. */

/** What a vendor says of one request; everything it adds later is read as text. */
export interface PromptFrame {
  readonly requestId: string
  /** Who asks: names of the vendor's, joined; hashed before anything is stored. */
  readonly actor: string
  readonly tenant: string
  readonly exchange: Exchange
}

export interface Verdict {
  readonly action: 'allow' | 'deny'
  /** ≤ 500 characters, for the person who asked. */
  readonly deny_reason?: string
  readonly reference_id?: string
}

/** @returns null for an event of a type that is not a prompt: it is let by, as the vendor asks of every server. */
export function decodeFrame({ value }: JsonDocument): PromptFrame | null {
  if (value.type !== 'prompt') return null
  const actor = isRecord(value.actor) ? value.actor : {}
  const turns = records(value.messages).map((message): Turn => {
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    return { role, parts: contentOf(message.content, role) }
  })
  // What a later version adds beside the messages is read as well, as text of no one's.
  const { type: _t, request_id, tenant_id, actor: _a, source: _s, session_id, model, messages: _m, ...rest } = value
  const more = text(stringValuesIn(rest).join('\n'), DOCUMENT)
  const roles = turns.map(({ role }) => role)
  return {
    requestId: stringOr(request_id, ''),
    actor: [actor.type, actor.id, actor.email_address].filter((one) => typeof one === 'string').join(' '),
    tenant: stringOr(tenant_id, ''),
    exchange: {
      surface: 'hooks',
      model: stringOr(model, 'unknown').slice(0, MOST_MODEL_UNITS),
      stream: false,
      turns: more.length === 0 ? turns : [...turns, { role: 'system', parts: more }],
      newestFrom: newestFrom(roles),
      ...NOTHING_WANTED,
      session: stringOr(session_id, null),
    },
  }
}

function contentOf(content: unknown, role: 'user' | 'assistant'): readonly Part[] {
  const at = role === 'assistant' ? ASSISTANT : USER
  if (typeof content === 'string') return text(content, at)
  return records(content).flatMap((block): readonly Part[] => {
    switch (block.type) {
      case 'text':
        return text(wordsIn(block.text), at)
      case 'attachment':
        return attachment(block)
      case 'tool_use':
        return text([stringOr(block.tool_name, ''), ...stringsIn(block.input)].join('\n'), at)
      case 'tool_result':
        return text([stringOr(block.tool_name, ''), wordsIn(block.content)].join('\n'), TOOL_RESULT)
      default:
        return unknown(block, at)
    }
  })
}

function attachment(block: Json): readonly Part[] {
  return text([stringOr(block.file_name, ''), wordsIn(block.text)].filter((one) => one !== '').join('\n'), DOCUMENT)
}
