import type { ProtocolAdapter } from './adapter.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'

/** Every wire format that Sluice decides on. */
export const ADAPTERS: readonly ProtocolAdapter[] = [anthropicMessages, openaiChat, openaiResponses]

const BY_PATH: ReadonlyMap<string, ProtocolAdapter> = new Map(ADAPTERS.map((adapter) => [adapter.path, adapter]))

/** The wire format spoken at a path, or undefined: a path is never guessed. */
export function adapterFor(path: string): ProtocolAdapter | undefined {
  return BY_PATH.get(path)
}
