import type { Exchange, Part, Role, Turn } from '../conversation/exchange.ts'
import { EscapeReader } from './escapes.ts'
import { invalid, type JsonDocument, readJson } from './json.ts'
import { moderationWish } from './moderation-wish.ts'
import { CALL, CHAT, INSIDE } from './openai-members.ts'
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
import { unlisted, unlistedTurn } from './unlisted.ts'
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

/** The vendor's own bound; a refusal is composed once for each choice. */
const MAX_CHOICES = 128

/** A Chat request in neutral form: turn i is message i; tool definitions, the answer's schema and unlisted members follow. */
export function decodeChat({ value }: JsonDocument, header: (name: string) => string | undefined): Exchange {
  const { messages, tools, functions, response_format: format, prediction, stream_options: options } = value
  const model = requiredModel(value.model)
  if (!Array.isArray(messages)) throw invalid('messages', 'wanted a list')
  const turns = messages.map((message, i): Turn => {
    if (!isRecord(message)) throw invalid(`messages[${i}]`, 'wanted an object')
    const role = roleOf(message.role)
    return { role, parts: [...contentParts(message.content, standpointOf(role)), ...extraParts(message, role)] }
  })
  const roles = turns.map(({ role }) => role)
  turns.push(...toolTurn(tools, functions))
  const rest = [
    ...(isRecord(format) ? text(wordsIn(format.json_schema), DOCUMENT) : []),
    ...contentParts(isRecord(prediction) ? prediction.content : prediction, DOCUMENT),
  ]
  if (rest.length > 0) turns.push({ role: 'system', parts: rest })
  turns.push(...unlistedTurn(value, CHAT))
  return {
    surface: 'chat',
    model,
    stream: optionalFlag(value.stream, 'stream'),
    turns,
    newestFrom: newestFrom(roles),
    maxOutputTokens:
      optionalCount(value.max_completion_tokens, 'max_completion_tokens') ??
      optionalCount(value.max_tokens, 'max_tokens'),
    session: header('x-claude-code-session-id') ?? stringOr(value.prompt_cache_key, null),
    customer: header('openai-safety-identifier') ?? stringOr(value.safety_identifier, stringOr(value.user, null)),
    wants: {
      fallbackBlock: false,
      fallbackMembers: false,
      jsonSchema: isRecord(format) && format.type === 'json_schema',
      includeUsage: isRecord(options) && options.include_usage === true,
      choices: optionalCount(value.n, 'n', 1, MAX_CHOICES) ?? 1,
      fixedShape: true,
    },
    ...moderationWish(value),
    fallback: { kind: 'none' },
    credit: null,
  }
}

/** A role we do not know is read as the user's; whether it is allowed is the upstream's to say. */
export function roleOf(role: unknown): Role {
  if (role === 'system' || role === 'developer') return 'system'
  if (role === 'assistant') return 'assistant'
  return role === 'tool' || role === 'function' ? 'tool' : 'user'
}

export function standpointOf(role: Role): Standpoint {
  return { system: SYSTEM, user: USER, assistant: ASSISTANT, tool: TOOL_RESULT }[role]
}

/**
 * Content as a string, or as a list of parts of either OpenAI surface; a lenient upstream also takes a lone part, or
 * bare strings.
 */
export function contentParts(content: unknown, at: Standpoint): readonly Part[] {
  if (typeof content === 'string') return text(content, at)
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content]
  return parts.flatMap((part) => (isRecord(part) ? contentPart(part, at) : text(wordsIn(part), at)))
}

function contentPart(part: Json, at: Standpoint): readonly Part[] {
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text':
    case 'summary_text':
    case 'reasoning_text':
      // Tokens of an earlier answer are an account of its text, which no model is shown.
      return [...text(wordsIn(part.text), at), ...unlisted(part, INSIDE, 'text', 'logprobs')]
    case 'refusal':
      return [...text(wordsIn(part.refusal), at), ...unlisted(part, INSIDE, 'refusal')]
    case 'image_url':
    case 'input_image':
    case 'computer_screenshot':
      return [uninspected('image', { place: 'image', trust: at.trust }), ...unlisted(part, INSIDE)]
    case 'input_audio':
      return [uninspected('audio', at), ...unlisted(part, INSIDE)]
    case 'file':
    case 'input_file': {
      const file = isRecord(part.file) ? part.file : {}
      return [
        ...[part, file].flatMap(({ filename }) => text(wordsIn(filename), DOCUMENT)),
        uninspected('file', DOCUMENT),
        ...[part, file].flatMap((one) => unlisted(one, INSIDE, 'filename', 'file')),
      ]
    }
    default:
      return unknown(part, at)
  }
}

/** What a message carries beside its content: a name, a refusal, calls of tools, and whatever nobody knows. */
function extraParts(message: Json, role: Role): readonly Part[] {
  const at = standpointOf(role)
  const { name, refusal, reasoning_content, reasoning, audio, tool_calls, function_call, reasoning_details } = message
  const calls = [
    ...(Array.isArray(tool_calls) ? tool_calls : [tool_calls]),
    isRecord(function_call) ? { function: function_call } : function_call,
  ]
  return [
    ...[name, refusal, reasoning_content, reasoning].flatMap((said) => text(wordsIn(said), at)),
    ...(isRecord(audio) ? [uninspected('audio', at)] : []),
    ...(records(reasoning_details).some(({ data }) => typeof data === 'string') ? [uninspected('encrypted', at)] : []),
    ...calls.flatMap((call: unknown) => (isRecord(call) ? callParts(call, at) : text(wordsIn(call), at))),
    ...unlisted(message, INSIDE, ...READ),
  ]
}

/** Members of a message that have parts of their own. */
const READ = ['content', 'name', 'refusal', 'reasoning_content', 'reasoning', 'tool_calls', 'function_call'] as const

function callParts(call: Json, at: Standpoint): readonly Part[] {
  const called = [call.function, call.custom].filter(isRecord)
  if (called.length === 0) return text(wordsIn(call), at)
  return [
    ...called.flatMap(({ name, arguments: given, input }) => {
      const words = [wordsIn(name), readable(given), wordsIn(input)]
      return text(words.filter((one) => one !== '').join('\n'), at)
    }),
    ...unlisted(call, CALL),
  ]
}

/**
 * Arguments are JSON inside a string, and a model reads the string: what it says where every parser agrees on that, else
 * the text itself, of which a parser would drop the first of two equal keys.
 */
export function readable(json: unknown): string {
  if (typeof json !== 'string') return stringsIn(json).join('\n')
  try {
    return stringsIn(readJson(json).value).join('\n')
  } catch {
    const reader = new EscapeReader()
    return reader.push(json) + reader.end()
  }
}
