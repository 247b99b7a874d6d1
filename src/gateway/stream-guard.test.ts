import { expect, test } from 'vitest'
import { LABELS } from '../core/base/reasons.ts'
import { defaultPolicy } from '../core/policy/default-policy.ts'
import type { GuardMode } from '../core/policy/guard-mode.ts'
import type { ChannelText, EventFacts, SseEvent } from '../core/protocols/adapter.ts'
import { anthropicMessages } from '../core/protocols/anthropic-messages.ts'
import { openaiChat } from '../core/protocols/openai-chat.ts'
import { ORDINARY } from '../core/trust/standing.ts'
import type { Inspection } from './inspect.ts'
import type { Passage } from './passage.ts'
import type { Ports } from './ports.ts'
import { StreamGuard } from './stream-guard.ts'

const T = { clear: 300_000, act: 600_000, actPlus: 900_000 }
const CYBER = LABELS.indexOf('harm.cyber')

/** A guard whose scorer finds 0.7 where `!` stands among the last 256 characters of a text, and how often it is asked. */
function opened(mode: GuardMode = 'lag') {
  const counts = { asked: 0, read: 0 }
  const open = () => {
    let text = ''
    return {
      feed: (piece: string) => void (text += piece),
      scores() {
        counts.asked++
        const scores = new Float64Array(LABELS.length)
        scores[CYBER] = text.slice(-256).includes('!') ? 0.7 : 0
        // Counts each look at what a text was scored.
        return new Proxy(scores, {
          get(of, key) {
            counts.read++
            return of[key as 'length']
          },
        })
      },
      close: () => undefined,
    }
  }
  const passage = {
    state: {
      ...{ rules: null, fallbacks: {} },
      safeguard: { policy: defaultPolicy({ harmInput: T, attackInput: T, output: T, exchange: T }), cascade: null },
    },
    ...{ caller: { standing: ORDINARY }, mode: 'enforce', chain: { hops: [] }, hops: 0, exchange: {}, steps: [] },
    toolUses: new Map(),
  } as unknown as Passage
  const ports = { classifier: { open }, secondOpinions: () => [] } as unknown as Ports
  return {
    counts,
    passage,
    guard: new StreamGuard(mode, 'm', { asked: null } as unknown as Inspection, passage, ports),
  }
}

const framed = (type: string, body: object): SseEvent => ({ event: type, data: JSON.stringify({ type, ...body }) })
const delta = (of: object) => framed('content_block_delta', { index: 0, delta: of })
const words = (text: string) => delta({ type: 'text_delta', text })
const cited = (cited_text: string) => delta({ type: 'citations_delta', citation: { cited_text } })
const begun = framed('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
const chunk = (content: string, more: object = {}): SseEvent => ({
  event: '',
  data: JSON.stringify({ choices: [{ index: 0, delta: { content } }], ...more }),
})
const doubtful = `!${'a'.repeat(255)}`
const calm = 'a'.repeat(256)

test.each([
  ['messages', anthropicMessages, [begun, words(doubtful), cited('a source')], words(calm), words(doubtful)],
  ['chat', openaiChat, [chunk(doubtful), chunk('', { citations: ['a source'] })], chunk(calm), chunk(doubtful)],
])(
  'CL-10: %s: the end of a source confirms nothing that the text is in doubt for',
  (_name, adapter, events, calmer, again) => {
    for (const [next, stops] of [
      [calmer, false],
      [again, true],
    ] as const) {
      const { guard } = opened()
      const reader = adapter.openStream(false)
      const waiting = events.map((event) => guard.take(reader.read(event)))
      expect(guard.stopped).toBeNull()
      // The source itself is clean, and waits for the text before it alone.
      expect(waiting.map((one) => guard.clears(one))).toEqual([...Array(events.length - 2).fill(true), false, true])
      guard.take(reader.read(next))
      expect(guard.stopped !== null).toBe(stops)
    }
  },
)

const say = (channel: string, text: string, closes: readonly string[] = []): EventFacts => ({
  texts: [{ channel, place: 'text', text } as ChannelText],
  ...{ closes, uninspected: [], terminal: false, idle: false },
})

test('CL-10: what a source itself is in doubt for ends the answer where it ends', () => {
  const { guard } = opened()
  guard.take(say('a', doubtful))
  guard.take(say('b', 'fine', ['b']))
  expect(guard.stopped).toBeNull()
  guard.take(say('c', 'not fine!', ['c']))
  expect(guard.stopped).toMatchObject({ reason: 'harm.cyber' })
})

test('CL-10: the end of a source confirms nothing that a block of text is in doubt for where it ends', () => {
  const { guard } = opened()
  const reader = anthropicMessages.openStream(false)
  const ended = framed('content_block_stop', { index: 0 })
  for (const event of [begun, words('doubtful!'), ended, begun, cited('a source'), words(calm)])
    guard.take(reader.read(event))
  expect(guard.stopped).toBeNull()
  guard.take(reader.read(words('!')))
  guard.take(reader.read(framed('message_delta', { delta: { stop_reason: 'end_turn' } })))
  expect(guard.stopped).not.toBeNull()
})

test('CL-10: a text in doubt that nobody ends is confirmed where another goes on beside it, and not before', () => {
  const { guard, passage } = opened()
  guard.take(say('a', doubtful))
  guard.take(say('b', calm))
  expect(guard.stopped).toBeNull()
  guard.take(say('b', calm))
  expect(guard.stopped).toMatchObject({ reason: 'harm.cyber' })
  guard.conclude()
  expect(passage.steps).toMatchObject([{ decision: { reason: 'harm.cyber', level: 'act' } }])
})

test('CL-10: chat: an answer does not get past what its reasoning was in doubt for', () => {
  const { guard } = opened('annotate')
  const reader = openaiChat.openStream()
  const delta = (of: object): SseEvent => ({ event: '', data: JSON.stringify({ choices: [{ index: 0, delta: of }] }) })
  guard.take(reader.read(delta({ reasoning_content: `${doubtful} and on` })))
  for (let i = 0; i < 2; i++) guard.take(reader.read(delta({ content: calm })))
  expect(guard.stopped).not.toBeNull()
})

test('an answer ends with two decision points in a row at `act`, or with the last of a text', () => {
  const after = (...facts: readonly EventFacts[]) => {
    const { guard } = opened()
    for (const one of facts) guard.take(one)
    return guard.stopped !== null
  }
  expect(after(say('a', doubtful))).toBe(false)
  expect(after(say('a', doubtful), say('a', calm), say('a', doubtful))).toBe(false)
  expect(after(say('a', doubtful), say('a', doubtful))).toBe(true)
  expect(after(say('a', 'short!', ['a']))).toBe(true)
})

test('CL-8: messages: what an upstream says beside each piece of text is read once, as it is said', () => {
  const { guard, counts } = opened()
  const reader = anthropicMessages.openStream(false)
  const said: string[] = []
  for (let i = 0; i < 200; i++) {
    const sources = ['one', 'two', 'three'].slice(0, 1 + i / 50)
    const each = { id: 'msg_1', model: 'm', delta: { type: 'text_delta', text: 'ab', padding: 'xx', sources } }
    const facts = reader.read(framed('content_block_delta', { index: 0, ...each }))
    said.push(...facts.texts.filter(({ place }) => place === 'beside').map(({ text }) => text))
    guard.take(facts)
  }
  expect(said).toEqual(['xx\none\n', 'msg_1\nm\n', 'two\n', 'three\n'])
  // One decision where a text of 256 characters is full, and one where each of the others ends.
  expect(counts.asked).toBe(1 + said.length)
})

test.each([
  ['messages', anthropicMessages, framed('message_start', { message: { system_fingerprint: 'fp_1' } }), words('a')],
  ['chat', openaiChat, chunk('', { citations: ['a source'] }), chunk('a', { citations: ['a source'] })],
])('GW-17: %s: what stands beside an answer does not begin it', (_name, adapter, first, next) => {
  const { guard } = opened()
  const reader = adapter.openStream(false)
  const waiting = [first, next].map((event) => guard.take(reader.read(event)))
  expect(waiting.map(({ begins }) => begins)).toEqual([false, true])
  expect(waiting[0]!.chars).toBeGreaterThan(0)
})

test('CL-8: many calls in one answer cost in proportion', () => {
  const costOf = (calls: number) => {
    const { guard, counts } = opened()
    const reader = anthropicMessages.openStream(false)
    for (let index = 0; index < calls; index++) {
      const call = { type: 'tool_use', id: `t${index}`, name: 'n', input: {} }
      guard.take(reader.read(framed('content_block_start', { index, content_block: call })))
      guard.take(reader.read(framed('content_block_stop', { index })))
    }
    guard.conclude()
    return counts
  }
  const few = costOf(100)
  const many = costOf(1000)
  expect(few.asked).toBe(100)
  expect(many.asked).toBe(1000)
  expect(many.read).toBeLessThan(10.5 * few.read)
})
