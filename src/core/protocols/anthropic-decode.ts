import type { Exchange, Part, Role, Turn } from '../conversation/exchange.ts'
import { fallbackWish, hasFixedShape, ownCredit } from './anthropic-fallback.ts'
import { INSIDE, OPTIONS, SOURCE } from './anthropic-members.ts'
import { invalid, type JsonDocument } from './json.ts'
import {
  ASSISTANT,
  DOCUMENT,
  newestFrom,
  type Standpoint,
  SYSTEM,
  TOOL_RESULT,
  text,
  toolTurn,
  USER,
  uninspected,
  unknown,
} from './parts.ts'
import { unlisted, unlistedTurn, valuesIn } from './unlisted.ts'
import {
  isRecord,
  type Json,
  optionalCount,
  optionalFlag,
  records,
  requiredModel,
  stringOr,
  stringsIn,
  wordsIn,
} from './values.ts'

/** A Messages request in neutral form: turn i is message i; system prompt, tool definitions and unlisted members follow. */
export function decodeMessages({ value }: JsonDocument, header: (name: string) => string | undefined): Exchange {
  const { messages, system, tools, metadata } = value
  const model = requiredModel(value.model)
  if (!Array.isArray(messages)) throw invalid('messages', 'wanted a list')
  const turns = messages.map((message, i): Turn => {
    if (!isRecord(message)) throw invalid(`messages[${i}]`, 'wanted an object')
    // A role we do not know is read as the user's; whether it is allowed is the upstream's to say.
    const role: Role = message.role === 'assistant' || message.role === 'system' ? message.role : 'user'
    const at = role === 'assistant' ? ASSISTANT : role === 'system' ? SYSTEM : USER
    return { role, parts: [...contentParts(message.content, at), ...unlisted(message, INSIDE, 'content')] }
  })
  const roles = turns.map(({ role }) => role)
  const systemParts = contentParts(system, SYSTEM)
  if (systemParts.length > 0) turns.push({ role: 'system', parts: systemParts })
  const ambient = ambientParts(value)
  if (ambient.length > 0) turns.push({ role: 'system', parts: ambient })
  turns.push(...toolTurn(tools))
  turns.push(...unlistedTurn(value, OPTIONS))
  const betas = header('anthropic-beta') ?? ''
  const fallbackBlock = betas.includes('server-side-fallback-')
  const credit = ownCredit(value)
  return {
    surface: 'messages',
    model,
    stream: optionalFlag(value.stream, 'stream'),
    turns,
    newestFrom: newestFrom(roles),
    maxOutputTokens: optionalCount(value.max_tokens, 'max_tokens', 0),
    session: header('x-claude-code-session-id') ?? null,
    customer: header('anthropic-user-profile-id') ?? (isRecord(metadata) ? stringOr(metadata.user_id, null) : null),
    wants: {
      fallbackBlock,
      fallbackMembers: fallbackBlock || betas.includes('fallback-credit-'),
      jsonSchema: false,
      includeUsage: false,
      choices: 1,
      fixedShape: hasFixedShape(value),
    },
    fallback: fallbackWish(value, model, betas),
    credit,
  }
}

/** What else the model is told: the schema of the answer, how to shorten the history, and what the vendor keeps of it. */
function ambientParts(value: Json): readonly Part[] {
  const { output_config: output, output_format: format, compaction, context_management: management, thread } = value
  return [
    ...(isRecord(output) ? text(wordsIn(output.format), DOCUMENT) : []),
    ...text(wordsIn(format), DOCUMENT),
    ...text(wordsIn(compaction), DOCUMENT),
    ...(isRecord(management)
      ? records(management.edits).flatMap((edit) => text(wordsIn(edit.instructions), DOCUMENT))
      : []),
    ...(isRecord(thread) && thread.type !== 'create' ? [uninspected('stored_history', ASSISTANT)] : []),
  ]
}

/** Content as a string, or as a list of blocks; a lenient upstream also takes a lone block, or bare strings. */
function contentParts(content: unknown, at: Standpoint): readonly Part[] {
  if (typeof content === 'string') return text(content, at)
  const blocks: readonly unknown[] = Array.isArray(content) ? content : [content]
  return blocks.flatMap((block) => (isRecord(block) ? blockParts(block, at) : text(wordsIn(block), at)))
}

function blockParts(block: Json, at: Standpoint): readonly Part[] {
  const type = stringOr(block.type, '')
  switch (type) {
    case 'text':
      return [
        ...text(wordsIn(block.text), at),
        ...text(valuesIn(block.citations).join('\n'), DOCUMENT),
        ...unlisted(block, INSIDE, 'text', 'citations'),
      ]
    case 'thinking':
      return [...text(wordsIn(block.thinking), at), ...unlisted(block, INSIDE, 'thinking')]
    case 'redacted_thinking':
      return [uninspected('encrypted', at), ...unlisted(block, INSIDE, 'data')]
    case 'image':
      return [
        uninspected('image', { place: 'image', trust: at.trust }),
        ...unlisted(block, INSIDE, 'source'),
        ...sourceRest(block.source, 'data'),
      ]
    case 'document':
      return documentParts(block)
    case 'search_result':
      return [
        ...text([block.title, block.source].map(wordsIn).filter(Boolean).join('\n'), DOCUMENT),
        ...contentParts(block.content, DOCUMENT),
        ...unlisted(block, INSIDE, 'title', 'source', 'content'),
      ]
    case 'container_upload':
      return [uninspected('file', DOCUMENT), ...unlisted(block, INSIDE)]
    // Written by Sluice or by the vendor as two model names and a category; but it is the caller who sends it.
    case 'fallback':
      return text(valuesIn(block).join('\n'), at)
    case 'web_fetch_result':
      return [
        ...text(wordsIn(block.url), DOCUMENT),
        ...contentParts(block.content, DOCUMENT),
        ...unlisted(block, INSIDE, 'url', 'content'),
      ]
    default:
  }
  if (type.endsWith('tool_use'))
    return [
      ...text([wordsIn(block.name), ...stringsIn(block.input)].join('\n'), at),
      ...[block.server_name, block.toolset_name].flatMap((name) => text(wordsIn(name), at)),
      ...unlisted(block, INSIDE, 'name', 'server_name', 'toolset_name', 'input'),
    ]
  if (type.endsWith('tool_result'))
    return [
      ...resultParts(block.content),
      ...text(wordsIn(block.toolset_name), TOOL_RESULT),
      ...unlisted(block, INSIDE, 'toolset_name', 'content'),
    ]
  return unknown(block, at)
}

function documentParts(block: Json): readonly Part[] {
  const { title, context, source } = block
  const named = text([title, context].map(wordsIn).filter(Boolean).join('\n'), DOCUMENT)
  const rest = unlisted(block, INSIDE, 'title', 'context', 'source')
  if (isRecord(source) && source.type === 'text')
    return [...named, ...text(wordsIn(source.data), DOCUMENT), ...sourceRest(source, 'data'), ...rest]
  if (isRecord(source) && source.type === 'content')
    return [...named, ...contentParts(source.content, DOCUMENT), ...sourceRest(source, 'content'), ...rest]
  return [...named, uninspected('document', DOCUMENT), ...sourceRest(source, 'data'), ...rest]
}

function sourceRest(source: unknown, read: 'data' | 'content'): readonly Part[] {
  return isRecord(source) ? unlisted(source, SOURCE, read) : text(wordsIn(source), DOCUMENT)
}

function resultParts(content: unknown): readonly Part[] {
  if (typeof content === 'string' || Array.isArray(content)) return contentParts(content, TOOL_RESULT)
  if (isRecord(content) && content.type === 'web_fetch_result') return blockParts(content, TOOL_RESULT)
  return text(valuesIn(content).join('\n'), TOOL_RESULT)
}
