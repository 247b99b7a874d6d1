import type { BetaMessage } from '@anthropic-ai/sdk/resources/beta/messages/messages'
import type { Running } from './running.ts'

/** What a request has beyond its words. */
export interface Asked {
  readonly beta?: string
  readonly body?: object
  readonly key?: string
}
/** Asks for `large` on the Messages surface. */
export async function askMessages(sluice: Running, content: string, { beta, body = {}, key = 'sk-test' }: Asked = {}) {
  const response = await fetch(`${sluice.facts.gatewayUrl}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': key,
      'anthropic-version': '2023-06-01',
      ...(beta === undefined ? {} : { 'anthropic-beta': beta }),
    },
    body: JSON.stringify({ model: 'large', max_tokens: 99, messages: [{ role: 'user', content }], ...body }),
  })
  const text = await response.text()
  return { response, text, json: () => JSON.parse(text) as BetaMessage & { sluice: Record<string, unknown> } }
}

export type Event = Record<string, never> & { type: string; index: number }
/** The events of a stream, parsed. */
export function eventsOf(text: string): Event[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as Event)
}
export const kinds = (text: string) => eventsOf(text).map(({ type }) => type)
