import { type AnthropicProvider, createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import Anthropic from '@anthropic-ai/sdk'
import { ChatAnthropic } from '@langchain/anthropic'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessageChunk } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'

// The AI SDK would print a line for every model whose name it does not know.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

/** The clients of the wire, unmodified: only the address is ours. */
export function clientsOf(url: string, headers: Readonly<Record<string, string>> = {}, model = 'claude-fable-5') {
  const base = `${url}/v1`
  const open = createOpenAI({ baseURL: base, apiKey: 'sk-test', headers: { ...headers } })
  const defaultHeaders = { ...headers }
  const chain = { model, apiKey: 'sk-test', maxRetries: 0 }
  const configuration = { baseURL: base, defaultHeaders }
  return {
    anthropic: new Anthropic({ baseURL: url, apiKey: 'sk-ant-test', defaultHeaders }),
    openai: new OpenAI({ baseURL: base, apiKey: 'sk-test', defaultHeaders }),
    ai: {
      messages: createAnthropic({ baseURL: base, apiKey: 'sk-ant-test', headers: { ...headers } })(model),
      chat: open.chat(model),
      responses: open.responses(model),
    },
    langchain: {
      messages: new ChatAnthropic({ ...chain, anthropicApiUrl: url, clientOptions: { defaultHeaders } }),
      chat: new ChatOpenAI({ ...chain, configuration }),
      responses: new ChatOpenAI({ ...chain, configuration, useResponsesApi: true }),
    },
  }
}
export type Clients = ReturnType<typeof clientsOf>
type AiModel = ReturnType<AnthropicProvider> | ReturnType<ReturnType<typeof createOpenAI>['chat']>

export const whole = (model: AiModel, prompt = 'hi') => generateText({ model, prompt, maxRetries: 0 })

/** A stream of the AI SDK read to its end: what parts it had, and what an interface would show. */
export async function told(model: AiModel, prompt = 'hi') {
  const errors: string[] = []
  const message = (error: unknown) => errors.push(error instanceof Error ? error.message : JSON.stringify(error))
  const stream = streamText({ model, prompt, maxRetries: 0, onError: ({ error }) => void message(error) })
  const parts: string[] = []
  for await (const part of stream.fullStream) parts.push(part.type)
  const [text, finishReason, metadata, response] = await Promise.all([
    stream.text,
    stream.finishReason,
    stream.providerMetadata,
    stream.response,
  ])
  return { parts, errors, text, finishReason, metadata, modelId: response.modelId }
}

/** A stream of LangChain, put together as its own users do. */
export async function merged(chat: BaseChatModel, prompt = 'hi'): Promise<AIMessageChunk> {
  let all: AIMessageChunk | null = null
  for await (const chunk of await chat.stream(prompt)) {
    const one = chunk instanceof AIMessageChunk ? chunk : new AIMessageChunk(chunk)
    all = all === null ? one : all.concat(one)
  }
  if (all === null) throw new Error('the stream had no chunk')
  return all
}

export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of stream) all.push(one)
  return all
}
