import type { Exchange, Part, Turn } from '../conversation/exchange.ts'
import { contentParts, readable, roleOf, standpointOf } from './chat-decode.ts'
import { invalid, type JsonDocument } from './json.ts'
import { moderationWish } from './moderation-wish.ts'
import { DRAWN, INSIDE, RESPONSES } from './openai-members.ts'
import {
  ASSISTANT,
  DOCUMENT,
  newestFrom,
  SYSTEM,
  TOOL_RESULT,
  text,
  toolParts,
  toolTurn,
  USER,
  uninspected,
  unknown,
} from './parts.ts'
import { unlisted, unlistedTurn } from './unlisted.ts'
import {
  isRecord,
  type Json,
  optionalCount,
  optionalFlag,
  requiredModel,
  stringOr,
  stringsIn,
  wordsIn,
} from './values.ts'

/** A Responses request in neutral form: turn i is input item i; instructions, stored history, tools and unlisted members follow. */
export function decodeResponses({ value }: JsonDocument, header: (name: string) => string | undefined): Exchange {
  const { input, instructions, tools, prompt, text: format, conversation } = value
  const model = requiredModel(value.model)
  if (input !== undefined && typeof input !== 'string' && !Array.isArray(input))
    throw invalid('input', 'wanted a string or a list')
  const turns: Turn[] =
    typeof input === 'string'
      ? [{ role: 'user', parts: text(input, USER) }]
      : (input ?? []).map((item: unknown, i: number) => {
          if (!isRecord(item)) throw invalid(`input[${i}]`, 'wanted an object')
          return itemTurn(item)
        })
  const roles = turns.map(({ role }) => role)
  const ambient: Part[] = [
    ...(Array.isArray(instructions) ? instructions : [instructions]).flatMap((item: unknown) =>
      isRecord(item) ? itemTurn(item).parts : text(wordsIn(item), SYSTEM),
    ),
    ...(isRecord(prompt) ? [...variableParts(prompt.variables), uninspected('stored_prompt', SYSTEM)] : []),
    ...text(wordsIn(format), DOCUMENT),
    // History that the vendor keeps is part of what the model reads, and cannot be read here.
    ...(value.previous_response_id !== undefined && value.previous_response_id !== null
      ? [uninspected('stored_history', ASSISTANT)]
      : []),
    ...(conversation !== undefined && conversation !== null ? [uninspected('stored_history', ASSISTANT)] : []),
  ]
  if (ambient.length > 0) turns.push({ role: 'system', parts: ambient })
  turns.push(...toolTurn(tools))
  turns.push(...unlistedTurn(value, RESPONSES))
  return {
    surface: 'responses',
    model,
    stream: optionalFlag(value.stream, 'stream'),
    turns,
    newestFrom: newestFrom(roles),
    maxOutputTokens: optionalCount(value.max_output_tokens, 'max_output_tokens'),
    session: header('x-claude-code-session-id') ?? sessionOf(conversation) ?? stringOr(value.prompt_cache_key, null),
    customer: header('openai-safety-identifier') ?? stringOr(value.safety_identifier, stringOr(value.user, null)),
    wants: {
      fallbackBlock: false,
      fallbackMembers: false,
      jsonSchema: false,
      includeUsage: false,
      choices: 1,
      fixedShape: true,
    },
    ...moderationWish(value),
    fallback: { kind: 'none' },
    credit: null,
  }
}

/** What the caller fills into a stored prompt: strings, or content parts. */
function variableParts(variables: unknown): readonly Part[] {
  if (!isRecord(variables)) return text(wordsIn(variables), USER)
  return Object.entries(variables).flatMap(([name, value]) => [...text(name, USER), ...contentParts(value, USER)])
}

function sessionOf(conversation: unknown): string | null {
  if (typeof conversation === 'string') return conversation
  return isRecord(conversation) ? stringOr(conversation.id, null) : null
}

function itemTurn(item: Json): Turn {
  const type = stringOr(item.type, 'message')
  if (type === 'message') {
    const role = roleOf(item.role)
    return { role, parts: [...contentParts(item.content, standpointOf(role)), ...unlisted(item, INSIDE, 'content')] }
  }
  if (type === 'item_reference')
    return { role: 'assistant', parts: [uninspected('stored_history', ASSISTANT), ...unlisted(item, INSIDE)] }
  if (type === 'reasoning') {
    const hidden = typeof item.encrypted_content === 'string' ? [uninspected('encrypted', ASSISTANT)] : []
    return {
      role: 'assistant',
      parts: [
        ...[item.summary, item.content].flatMap((said) => contentParts(said, ASSISTANT)),
        ...hidden,
        ...unlisted(item, INSIDE, 'summary', 'content'),
      ],
    }
  }
  if (type.endsWith('_output')) {
    const parts = [
      ...[item.output, item.result].flatMap(outputParts),
      ...[item.name, item.namespace].flatMap((name) => text(wordsIn(name), TOOL_RESULT)),
      ...toolParts(item.tools),
      ...unlisted(item, INSIDE, 'output', 'result', 'name', 'namespace', 'tools'),
    ]
    return { role: 'tool', parts }
  }
  if (type === 'function_call' || type === 'custom_tool_call') {
    const words = [wordsIn(item.name), readable(item.arguments), readable(item.input)]
    return {
      role: 'assistant',
      parts: [
        ...text(words.filter((word) => word !== '').join('\n'), ASSISTANT),
        ...text(wordsIn(item.namespace), ASSISTANT),
        ...unlisted(item, INSIDE, 'name', 'namespace', 'arguments', 'input'),
      ],
    }
  }
  if (type === 'image_generation_call')
    return { role: 'assistant', parts: [uninspected('image', ASSISTANT), ...unlisted(item, DRAWN)] }
  if (type.endsWith('_call')) return { role: 'assistant', parts: text(stringsIn(item).join('\n'), ASSISTANT) }
  return { role: 'user', parts: unknown(item, USER) }
}

function outputParts(output: unknown): readonly Part[] {
  if (typeof output === 'string') return text(readable(output), TOOL_RESULT)
  if (Array.isArray(output) || (isRecord(output) && output.type === 'computer_screenshot'))
    return contentParts(output, TOOL_RESULT)
  return text(wordsIn(output), TOOL_RESULT)
}
