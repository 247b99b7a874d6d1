import { z } from 'zod'
import type { Endpoint } from '../../core/jailbreaks/reproduction/plan.ts'

/** One question in a wire format, and what its answer says. */
export interface Dialect {
  readonly path: string
  headers(key: string | null): Readonly<Record<string, string>>
  body(question: { model: string; prompt: string; maxOutputTokens: number; session: string }): object
  /** @returns null for an answer that is none of this format. */
  read(answer: unknown): Said | null
}

export interface Said {
  readonly text: string
  readonly refused: boolean
  readonly model: string | null
  readonly inputTokens: number
  readonly outputTokens: number
}

const bearer = (key: string | null): Record<string, string> => (key === null ? {} : { authorization: `Bearer ${key}` })
const count = z.number().int().min(0).catch(0)

const messages = z.object({
  model: z.string().nullish(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  stop_reason: z.string().nullish(),
  usage: z.object({ input_tokens: count, output_tokens: count }).catch({ input_tokens: 0, output_tokens: 0 }),
})

const chat = z.object({
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).catch({ prompt_tokens: 0, completion_tokens: 0 }),
})

const responses = z.object({
  model: z.string().nullish(),
  incomplete_details: z.looseObject({ reason: z.string().nullish() }).nullish(),
  output: z.array(
    z.looseObject({
      type: z.string(),
      content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).optional(),
    }),
  ),
  usage: z.object({ input_tokens: count, output_tokens: count }).catch({ input_tokens: 0, output_tokens: 0 }),
})

/** The three wire formats that a member may speak. `session` tells a provider that no two questions belong together. */
export const DIALECTS: Readonly<Record<Endpoint['protocol'], Dialect>> = {
  anthropic: {
    path: 'messages',
    headers: (key) => ({ 'anthropic-version': '2023-06-01', ...(key === null ? {} : { 'x-api-key': key }) }),
    body: ({ model, prompt, maxOutputTokens, session }) => ({
      model,
      max_tokens: maxOutputTokens,
      messages: [{ role: 'user', content: prompt }],
      metadata: { user_id: session },
    }),
    read(answer) {
      const read = messages.safeParse(answer)
      if (!read.success) return null
      const { model, content, stop_reason, usage } = read.data
      return {
        text: content.flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : [])).join(''),
        refused: stop_reason === 'refusal',
        model: model ?? null,
        inputTokens: usage.input_tokens,
        outputTokens: usage.output_tokens,
      }
    },
  },
  openai_chat: {
    path: 'chat/completions',
    headers: bearer,
    body: ({ model, prompt, maxOutputTokens, session }) => ({
      model,
      max_completion_tokens: maxOutputTokens,
      messages: [{ role: 'user', content: prompt }],
      safety_identifier: session,
    }),
    read(answer) {
      const read = chat.safeParse(answer)
      if (!read.success) return null
      const { model, choices, usage } = read.data
      const { message, finish_reason } = choices[0]!
      return {
        text: message.content ?? '',
        refused: finish_reason === 'content_filter' || (message.refusal ?? '') !== '',
        model: model ?? null,
        inputTokens: usage.prompt_tokens,
        outputTokens: usage.completion_tokens,
      }
    },
  },
  openai_responses: {
    path: 'responses',
    headers: bearer,
    body: ({ model, prompt, maxOutputTokens, session }) => ({
      model,
      max_output_tokens: maxOutputTokens,
      input: prompt,
      store: false,
      safety_identifier: session,
    }),
    read(answer) {
      const read = responses.safeParse(answer)
      if (!read.success) return null
      const { model, output, incomplete_details, usage } = read.data
      const parts = output.flatMap(({ type, content }) => (type === 'message' ? (content ?? []) : []))
      return {
        text: parts.flatMap(({ type, text }) => (type === 'output_text' && text !== undefined ? [text] : [])).join(''),
        refused: incomplete_details?.reason === 'content_filter' || parts.some(({ type }) => type === 'refusal'),
        model: model ?? null,
        inputTokens: usage.input_tokens,
        outputTokens: usage.output_tokens,
      }
    },
  },
}
