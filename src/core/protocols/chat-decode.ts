import type { Exchange, Part, Role, Turn } from '../conversation/exchange.ts'
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
import {
  isRecord,
  type Json,
  optionalCount,
  optionalFlag,
  records,
  requiredModel,
  stringOr,
  stringsIn,
} from './values.ts'

/** A Chat request in neutral form: turn i is message i; tool definitions and the answer's schema follow. */
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
  turns.push(...toolTurn([...records(tools), ...records(functions)]))
  const schema = isRecord(format) && format.type === 'json_schema' ? stringsIn(format.json_schema) : []
  const rest = [
    ...text(schema.join('\n'), DOCUMENT),
    ...(isRecord(prediction) ? contentParts(prediction.content, DOCUMENT) : []),
  ]
  if (rest.length > 0) turns.push({ role: 'system', parts: rest })
  return {
    surface: 'chat',
    model,
    stream: optionalFlag(value.stream, 'stream'),
    turns,
    newestFrom: newestFrom(roles),
    maxOutputTokens: optionalCount(value.max_completion_tokens ?? value.max_tokens, 'max_tokens'),
    session: header('x-claude-code-session-id') ?? stringOr(value.prompt_cache_key, null),
    customer: header('openai-safety-identifier') ?? stringOr(value.safety_identifier, stringOr(value.user, null)),
    wants: {
      fallbackBlock: false,
      fallbackMembers: false,
      jsonSchema: schema.length > 0,
      includeUsage: isRecord(options) && options.include_usage === true,
      choices: optionalCount(value.n, 'n') ?? 1,
    },
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

/** Content as a string, or as a list of parts of either OpenAI surface. */
export function contentParts(content: unknown, at: Standpoint): readonly Part[] {
  if (typeof content === 'string') return text(content, at)
  return records(content).flatMap((part) => contentPart(part, at))
}

function contentPart(part: Json, at: Standpoint): readonly Part[] {
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text':
    case 'summary_text':
    case 'reasoning_text':
      return text(stringOr(part.text, ''), at)
    case 'refusal':
      return text(stringOr(part.refusal, ''), at)
    case 'image_url':
    case 'input_image':
      return [uninspected('image', { place: 'image', trust: at.trust })]
    case 'input_audio':
      return [uninspected('audio', at)]
    case 'file':
    case 'input_file': {
      const file = isRecord(part.file) ? part.file : part
      return [...text(stringOr(file.filename, ''), DOCUMENT), uninspected('file', DOCUMENT)]
    }
    default:
      return unknown(part, at)
  }
}

/** What a message carries beside its content: a name, a refusal, calls of tools. */
function extraParts(message: Json, role: Role): readonly Part[] {
  const at = standpointOf(role)
  const calls = [
    ...records(message.tool_calls),
    ...(isRecord(message.function_call) ? [{ function: message.function_call }] : []),
  ]
  return [
    ...text(stringOr(message.name, ''), at),
    ...text(stringOr(message.refusal, ''), at),
    ...text(stringOr(message.reasoning_content, ''), at),
    ...(isRecord(message.audio) ? [uninspected('audio', at)] : []),
    ...calls.flatMap((call) => {
      const called = isRecord(call.function) ? call.function : isRecord(call.custom) ? call.custom : {}
      const words = [stringOr(called.name, ''), readable(called.arguments), stringOr(called.input, '')]
      return text(words.filter((word) => word !== '').join('\n'), at)
    }),
  ]
}

/** Arguments are JSON inside a string: read as what they say, or as they stand where they are not JSON. */
export function readable(json: unknown): string {
  if (typeof json !== 'string') return stringsIn(json).join('\n')
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' ? stringsIn(value).join('\n') : json
  } catch {
    return json
  }
}
