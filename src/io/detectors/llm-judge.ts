import { randomBytes } from 'node:crypto'
import { CATEGORIES } from '../../core/base/harm.ts'
import { judgePrompt, parseVerdict, verdictWord } from '../../core/classifier/judge.ts'
import { isRecord } from '../../core/protocols/values.ts'
import type { Opinion, Question } from '../../gateway/ports.ts'
import type { DetectorConfig } from '../config/detectors.ts'
import { bearer, type Detector, known, settingsOf } from './detector.ts'
import { openCalls, type Read, unavailable } from './detector-calls.ts'

type Judge = Extract<DetectorConfig, { kind: 'judge' }>

/** A language model that judges by a policy given with the question, over either chat protocol. */
export function llmJudge(config: Judge, secret: string | null): Detector {
  const headers =
    config.api === 'openai'
      ? bearer(secret)
      : {
          'content-type': 'application/json',
          'anthropic-version': '2023-06-01',
          ...(secret === null ? {} : { 'x-api-key': secret }),
        }
  const calls = openCalls({ ...settingsOf(config), headers })
  return {
    ...known(config, { tier: 'judge', costUs: 2_000_000, budgetMs: 8_000 }),
    state: () => calls.state,
    close: calls.close,
    async ask(question, signal) {
      if (question.text.length + question.asked.length > config.max_chars) return unavailable('too_long')
      const canary = randomBytes(16).toString('hex')
      const delimiter = randomBytes(16).toString('hex')
      const { system, user } = judgePrompt({ ...question, policy: config.policy, delimiter, canary })
      const read = readWith(config.api, canary, question)
      const path = config.api === 'openai' ? '/v1/chat/completions' : '/v1/messages'
      return calls.post(path, bodyOf(config, system, user), read, signal)
    },
  }
}

function bodyOf({ api, model, parameters }: Judge, system: string, user: string): unknown {
  const asked = { role: 'user', content: user }
  if (api === 'anthropic') return { max_tokens: 300, ...parameters, model, system, messages: [asked] }
  return {
    max_completion_tokens: 300,
    response_format: { type: 'json_schema', json_schema: { name: 'verdict', strict: true, schema: SCHEMA } },
    ...parameters,
    model,
    messages: [{ role: 'system', content: system }, asked],
  }
}

const SCHEMA = {
  type: 'object',
  properties: {
    verdict: { type: 'string', enum: ['benign', 'harmful', 'unsure'] },
    category: { type: 'string', enum: [...CATEGORIES, 'none'] },
    confidence_bucket: { type: 'string', enum: ['low', 'medium', 'high'] },
  },
  required: ['verdict', 'category', 'confidence_bucket'],
  additionalProperties: false,
}

/** An envelope of another shape speaks against the host; a reply that is no verdict only against this question. */
function readWith(api: Judge['api'], canary: string, { categories }: Question): Read {
  return (json) => {
    const reply = api === 'openai' ? chatReply(json) : messagesReply(json)
    if (reply === null || typeof reply !== 'string') return reply
    const verdict = parseVerdict(reply.trim(), canary)
    return verdict === null ? unavailable('invalid') : { kind: 'scored', ...verdictWord(verdict, categories) }
  }
}

function chatReply(json: unknown): string | Opinion | null {
  const choices = isRecord(json) ? json.choices : null
  const choice: unknown = Array.isArray(choices) ? choices[0] : null
  const message = isRecord(choice) ? choice.message : null
  if (!isRecord(choice) || !isRecord(message)) return null
  if (typeof message.refusal === 'string' && message.refusal !== '') return unavailable('refused')
  if (choice.finish_reason !== 'stop')
    return unavailable(choice.finish_reason === 'content_filter' ? 'refused' : 'invalid')
  return typeof message.content === 'string' ? message.content : unavailable('invalid')
}

function messagesReply(json: unknown): string | Opinion | null {
  const content = isRecord(json) ? json.content : null
  if (!isRecord(json) || !Array.isArray(content)) return null
  if (json.stop_reason === 'refusal') return unavailable('refused')
  const texts: readonly unknown[] = content.filter((block) => isRecord(block) && block.type !== 'thinking')
  const [block] = texts
  if (json.stop_reason !== 'end_turn' || texts.length !== 1 || !isRecord(block)) return unavailable('invalid')
  return block.type === 'text' && typeof block.text === 'string' ? block.text : unavailable('invalid')
}
