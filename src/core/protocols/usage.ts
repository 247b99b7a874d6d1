import type { Usage } from '../conversation/exchange.ts'
import { isRecord, numberOr } from './values.ts'

/** Tokens as Anthropic reports them; null when there is nothing to read. */
export function anthropicUsage(value: unknown, before: Usage | null = null): Usage | null {
  if (!isRecord(value)) return before
  return {
    inputTokens: numberOr(value.input_tokens, before?.inputTokens ?? 0),
    outputTokens: numberOr(value.output_tokens, before?.outputTokens ?? 0),
    cacheReadTokens: numberOr(value.cache_read_input_tokens, before?.cacheReadTokens ?? 0),
    cacheWriteTokens: numberOr(value.cache_creation_input_tokens, before?.cacheWriteTokens ?? 0),
  }
}

/** Tokens as either OpenAI surface reports them; null when there is nothing to read. */
export function openaiUsage(value: unknown): Usage | null {
  if (!isRecord(value)) return null
  const details = isRecord(value.prompt_tokens_details) ? value.prompt_tokens_details : value.input_tokens_details
  const cached = isRecord(details) ? details : {}
  return {
    inputTokens: numberOr(value.prompt_tokens, numberOr(value.input_tokens, 0)),
    outputTokens: numberOr(value.completion_tokens, numberOr(value.output_tokens, 0)),
    cacheReadTokens: numberOr(cached.cached_tokens, 0),
    cacheWriteTokens: numberOr(cached.cache_write_tokens, 0),
  }
}
