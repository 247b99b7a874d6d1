import { expect, test } from 'vitest'
import { LABELS } from '../core/base/reasons.ts'
import { familyBook, familyDetector } from '../core/classifier/family-book.ts'
import { trainFamilyHead } from '../core/classifier/family-head.ts'
import { familyText } from '../core/classifier/family-text.ts'
import type { Classifier } from '../core/classifier/types.ts'
import type { Exchange, Turn } from '../core/conversation/exchange.ts'
import { type RuleBook, ruleBook } from '../core/safeguards/rules.ts'
import { inspectAll } from './inspect.ts'
import type { Screening } from './passage.ts'
import type { Ports } from './ports.ts'
import { readAhead } from './read-ahead.ts'
import { createScoreCache, SLICE_CHARS } from './scored-texts.ts'
import { scoresInTime } from './scores-in-time.ts'

const report = 'open the moon gate with the silver word, whatever the keeper says'
const head = trainFamilyHead([report].map(familyText), ['open the window', 'a word about the garden'].map(familyText))
const families = familyBook([familyDetector({ id: 'moon', attack: 'jailbreak', category: null }, head, 0)])

/** A classifier that counts what it is fed, and how much of it without a pause. */
function counting() {
  const seen = { fed: 0, pauses: 0, since: 0, most: 0 }
  const feed = (text: string) => {
    seen.fed += text.length
    seen.since += text.length
    seen.most = Math.max(seen.most, seen.since)
  }
  const scores = () => new Float64Array(LABELS.length)
  const open = () => ({ chars: 0, feed, scores, close: () => undefined })
  const score = (text: string) => {
    feed(text)
    return scores()
  }
  const pause = async () => {
    seen.pauses++
    seen.since = 0
  }
  const digest = (_org: unknown, text: string) => text
  const cache = createScoreCache({ open, score } as unknown as Classifier, digest, 64 * 1024 * 1024, pause)
  return { seen, ports: { scores: cache, clock: { pause } } as unknown as Ports }
}

function screening(texts: readonly string[], rules: RuleBook | null = null): Screening {
  const turns = texts.map(
    (text, i): Turn => ({
      role: i % 2 === 0 ? 'user' : 'assistant',
      parts: [{ kind: 'text', place: i % 2 === 0 ? 'user' : 'assistant', trust: 'user', text }],
    }),
  )
  const exchange = { turns, newestFrom: texts.length - 1, model: 'm' } as unknown as Exchange
  const state = { families, rules, suspended: new Map(), exceptions: null }
  const document = { text: JSON.stringify(texts) }
  return { document, exchange, caller: { org: 'org' }, state, atMs: 0 } as unknown as Screening
}

const many = Array.from({ length: 5001 }, (_, i) => `turn ${i}`)
const long = `${'What the gardener wrote down about roses. '.repeat(4000)}${report}`

test('CL-8: many short texts are read with a pause for each slice of them, and once', async () => {
  const { seen, ports } = counting()
  const request = screening(many)
  const ahead = await readAhead(request, ports)
  expect(seen.pauses).toBeGreaterThan(30)
  expect(seen.most).toBeLessThanOrEqual(2 * SLICE_CHARS)
  const { fed } = seen
  expect(fed).toBe(many.join('').length)
  inspectAll(request, ahead)
  // Only the stretch over the border to the newest turn is still new.
  expect(seen.fed - fed).toBeLessThan(5000)
})

test('CL-8: a long text is looked through for families a slice at a time, and they are found', async () => {
  const { seen, ports } = counting()
  const request = screening([long])
  const ahead = await readAhead(request, ports)
  expect(seen.pauses).toBeGreaterThanOrEqual(2 * Math.floor(long.length / SLICE_CHARS))
  const found = inspectAll(request, ahead).findings.filter(({ kind }) => kind === 'family')
  expect(found).toMatchObject([{ family: 'moon' }])
  expect(found).toEqual(
    inspectAll(request, { texts: ports.scores.of(request.caller.org), families, rules: null }).findings.filter(
      ({ kind }) => kind === 'family',
    ),
  )
})

test('CL-8: rules are matched on a long text as on a short one, with a pause for each slice of its readings', async () => {
  const rule = { stage: 'input', action: 'refuse', category: 'cyber', patterns: [] } as const
  const rules = ruleBook([{ ...rule, name: 'gate', phrases: ['the silver word'] }])
  const hidden = long.replace(report, Buffer.from(`This says ${report}`).toString('base64'))
  for (const text of [long, hidden]) {
    const { seen, ports } = counting()
    const request = screening([text], rules)
    const ahead = await readAhead(request, ports)
    expect(seen.pauses).toBeGreaterThanOrEqual(3 * Math.floor(text.length / SLICE_CHARS))
    const found = inspectAll(request, ahead).findings.filter(({ kind }) => kind === 'rule')
    expect(found).toMatchObject([{ rule: 'gate', action: 'refuse' }])
  }
})

test('what is short is scored also where a long document took the time there is to read ahead', async () => {
  const { ports } = counting()
  let ms = 0
  const clock = { monotonicMs: () => ms, pause: async () => void (ms += 100) } as unknown as Ports['clock']
  const scored: string[] = []
  const cache = createScoreCache(
    {
      open: () => ({ chars: 0, feed: () => undefined, scores: () => new Float64Array(0), close: () => undefined }),
      score: (text: string) => {
        scored.push(text)
        return new Float64Array(LABELS.length)
      },
    } as unknown as Classifier,
    (_org, text) => text,
    1024 * 1024,
    ports.clock.pause,
  )
  const part = { kind: 'text', trust: 'user' } as const
  const turn: Turn = {
    role: 'user',
    parts: [
      { ...part, place: 'document', trust: 'untrusted', text: 'a page '.repeat(40_000) },
      { ...part, place: 'user', text: 'what is asked' },
    ],
  }
  const request = { ...screening(['']), exchange: { turns: [turn], newestFrom: 0, model: 'm' } } as unknown as Screening
  const long = { ...request, document: { text: 'x'.repeat(SLICE_CHARS + 1) } } as Screening
  const scores = scoresInTime(cache, 1000, clock)
  const { findings } = inspectAll(long, await readAhead(long, { scores, clock: scores }))
  expect(scored).toEqual(['what is asked'])
  expect(scores.missed).toBe(true)
  expect(findings.map(({ kind }) => kind).sort()).toEqual(['scored', 'unavailable'])
})

test('families: a text in pieces is matched as it is whole', () => {
  for (const size of [1, 100, 128, 129, 5000]) {
    const reading = families!.open()
    for (let at = 0; at < long.length; at += size) reading.feed(long.slice(at, at + size))
    expect(reading.match().map(({ id }) => id)).toEqual(['moon'])
  }
})
