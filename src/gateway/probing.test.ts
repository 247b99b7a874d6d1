import { expect, test } from 'vitest'
import type { Exchange, Turn } from '../core/conversation/exchange.ts'
import type { Decision } from '../core/policy/decision.ts'
import type { Screening } from './passage.ts'
import { countProbing } from './probing.ts'

const QUESTION = 'fix this code'
const user = (text: string): Turn => ({ role: 'user', parts: [{ kind: 'text', place: 'user', trust: 'user', text }] })
const answer: Turn = { role: 'assistant', parts: [] }
const result: Turn = {
  role: 'user',
  parts: [{ kind: 'text', place: 'tool_result', trust: 'untrusted', text: 'a page' }, ...user('be brief').parts],
}

function counted(end: 'refused' | 'answered', reason: Decision['reason'], ...turns: readonly Turn[]): string[] {
  const said: string[] = []
  const probing = {
    over: () => false,
    refused: (_: unknown, asked: (() => string) | null) => said.push(`refused ${asked?.()}`),
    answered: (_: unknown, asked: () => string, question?: () => string) =>
      said.push(`answered ${asked()}: ${question?.()}`),
  }
  const exchange = { turns, newestFrom: turns.length - 1 } as unknown as Exchange
  const caller = { principal: 'key_1' } as Screening['caller']
  const action = end === 'refused' ? 'refuse' : 'allow'
  const steps = [{ decision: { action, would: action, reason } }] as unknown as Screening['steps']
  countProbing(end, { retryOf: null, exchange, caller, steps } as unknown as Screening, { probing })
  return said
}

test('probing: a round of tools is asked what was asked, and counts for its question', () => {
  expect(counted('answered', null, user(QUESTION), answer, result)).toEqual([
    `answered ${QUESTION}\nbe brief: ${QUESTION}`,
  ])
})

test('probing: a suspended model refuses whatever is asked, and tells nothing of any text', () => {
  expect(counted('refused', 'control.suspended', user(QUESTION))).toEqual([])
  expect(counted('refused', 'harm.cyber', user(QUESTION))).toEqual([`refused ${QUESTION}`])
})
