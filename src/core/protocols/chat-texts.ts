import type { ChannelText } from './adapter.ts'
import { isRecord, type Json, numberOr, stringValuesIn, wordsIn } from './values.ts'

/** Takes one text of an answer; the channel is named within its choice. */
export type Say = (channel: string, place: ChannelText['place'], text: string) => void
/** The readable text of arguments: JSON inside a string, whole or a piece of it. */
export type ReadJson = (channel: string, value: unknown) => string

/**
 * Members that hold no text of the answer: ids, kinds, states, the vendor's own verdicts, and the tokens of a text once
 * more. The lists are closed: a member that is not on its list is read.
 */
const COMPLETION_SILENT: ReadonlySet<string> = new Set([
  ...['id', 'object', 'created', 'model', 'provider', 'system_fingerprint', 'service_tier', 'usage', 'error'],
  ...['obfuscation', 'moderation', 'prompt_filter_results', 'sluice'],
])
const CHOICE_SILENT: ReadonlySet<string> = new Set([
  ...['index', 'finish_reason', 'native_finish_reason', 'stop_reason', 'logprobs', 'content_filter_results'],
])
const CALL_SILENT: ReadonlySet<string> = new Set(['index', 'id', 'type'])
const AUDIO_SILENT: ReadonlySet<string> = new Set(['id', 'data', 'format', 'expires_at'])
const CALLED: ReadonlySet<string> = new Set(['name', 'arguments', 'input'])

/** The choices of a completion or a chunk, in any shape that a lenient upstream gives them. */
export function choicesOf({ choices }: Json): readonly Json[] {
  return recordsOf(choices)
}

/** What a completion or a chunk says beside its choices: sources, for instance. */
export function readBeside(completion: Json, say: Say): void {
  for (const key of Object.keys(completion))
    if (key !== 'choices' && !COMPLETION_SILENT.has(key)) say(key, 'beside', wordsOf(completion[key]))
}

/** @param say Takes what `delta` and `message` say, each by its own; and whatever else the choice says. */
export function readChoice(choice: Json, say: { readonly [member in 'delta' | 'message']: Say }, json: ReadJson): void {
  for (const key of Object.keys(choice)) {
    if (key === 'delta' || key === 'message')
      for (const message of recordsOf(choice[key]))
        readMessage(message, say[key], (channel, value) => json(`${key} ${channel}`, value))
    else if (!CHOICE_SILENT.has(key)) say.delta(`member ${key}`, 'text', wordsOf(choice[key]))
  }
}

function readMessage(message: Json, say: Say, json: ReadJson): void {
  for (const key of Object.keys(message)) {
    const value = message[key]
    switch (key) {
      case 'role':
        break
      case 'content':
        say('text', 'text', contentOf(value))
        break
      case 'refusal':
        say('refusal', 'refusal', wordsOf(value))
        break
      case 'reasoning_content':
        say('reasoning', 'reasoning', contentOf(value))
        break
      case 'reasoning':
        // Some upstreams say it under both names.
        if (value !== message.reasoning_content) say('thoughts', 'reasoning', contentOf(value))
        break
      case 'tool_calls':
        for (const [i, call] of recordsOf(value).entries()) readCall(call, `tool ${numberOr(call.index, i)}`, say, json)
        break
      case 'function_call':
        for (const called of recordsOf(value)) readCall({ function: called }, 'tool 0', say, json)
        break
      case 'audio':
        for (const audio of recordsOf(value)) readAudio(audio, say)
        break
      default:
        say(`member ${key}`, 'text', wordsOf(value))
    }
  }
}

function readCall(call: Json, channel: string, say: Say, json: ReadJson): void {
  const kind = isRecord(call.function) ? 'function' : 'custom'
  const called = isRecord(call[kind]) ? call[kind] : {}
  const name = wordsOf(called.name)
  if (name !== '') say(channel, 'tool_name', `${name}\n`)
  say(channel, 'tool_input', json(channel, called.arguments) + json(channel, called.input))
  const beside = (key: string, value: unknown) => say(`${channel} ${key}`, 'tool_input', wordsIn(value))
  for (const key of Object.keys(called)) if (!CALLED.has(key)) beside(key, called[key])
  for (const key of Object.keys(call)) if (!CALL_SILENT.has(key) && call[key] !== called) beside(key, call[key])
}

function readAudio(audio: Json, say: Say): void {
  say('audio', 'text', wordsOf(audio.transcript))
  for (const key of Object.keys(audio))
    if (key !== 'transcript' && !AUDIO_SILENT.has(key)) say(`audio ${key}`, 'text', wordsOf(audio[key]))
}

/** Content as a string, or as a list of parts whose kinds are no words of it. */
function contentOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return wordsOf(content)
  return content.map((part) => (isRecord(part) ? partWords(part) : contentOf(part))).join('\n')
}

function partWords(part: Json): string {
  return Object.keys(part)
    .filter((key) => key !== 'type' && key !== 'id')
    .map((key) => contentOf(part[key]))
    .filter((words) => words !== '')
    .join('\n')
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : stringValuesIn(value).join('\n')
}

/** A value as a list of records; what is no record becomes one that says it. */
function recordsOf(value: unknown): readonly Json[] {
  if (value === undefined || value === null) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map((one) => (isRecord(one) ? one : { said: one }))
}
