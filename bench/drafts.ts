import { embeddedBundle } from '../src/cli/judge.ts'
import type { Rule } from '../src/core/safeguards/rules.ts'
import { DraftCorpus } from '../src/jobs/draft-corpus.ts'
import { aReceipt } from '../test/fakes/a-receipt.ts'

/**
 * A rule tried on 100,000 kept exchanges of about 800 characters: time to the first numbers and to all of them, for
 * phrases in two languages, for patterns, and for a threshold. Judged by the ratio to reading every character once.
 * `node bench/drafts.ts` (`--json`, `--n N`).
 */
const at = process.argv.indexOf('--n')
const N = at < 0 ? 100_000 : Number(process.argv[at + 1])
const BUDGET_MS = 1500
const { bundle } = await embeddedBundle()

const WORDS = [
  'please',
  'the',
  'service',
  'returns',
  'an',
  'error',
  'when',
  'I',
  'call',
  'it',
  'with',
  'two',
  'values',
  'データ',
  'を',
  '確認',
  'して',
  'ください',
  'code',
  'review',
]
let state = 1
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
  return (state >>> 0) / 2 ** 32
}
function text(i: number): string {
  const words = Array.from({ length: 130 }, () => WORDS[Math.floor(random() * WORDS.length)])
  if (i % 200 === 0) words[60] = 'fix this code'
  return words.join(i % 5 === 0 ? '' : ' ')
}

const corpus = new DraftCorpus(bundle.policy, () => performance.now(), random)
const place = { part: 'user', trust: 'user', turn: 0, newest: true } as const
const { input } = aReceipt().steps[0]!
const loading = performance.now()
let characters = 0
const all: string[] = []
for (let i = 0; i < N; i++) {
  const one = text(i)
  characters += one.length
  if (i % 10 === 0) all.push(one)
  corpus.add({
    ...{ id: `dec_${i}`, org: `org-${i % 300}`, segment: i % 3 === 0 ? 'debugging' : 'other', language: 'en', atMs: i },
    ...{ texts: [{ stage: 'input', place, text: one }], steps: [input] },
  })
}
const loadMs = performance.now() - loading

/** Reading a tenth of the characters, one by one: the least that any look at all of them costs. */
const reading = performance.now()
let sum = 0
for (const one of all) for (let i = 0; i < one.length; i++) sum ^= one.charCodeAt(i)
const readMs = (performance.now() - reading) * 10 + sum * 0

const rule = (facts: Partial<Rule>): { rule: Rule } => ({
  rule: { name: 'draft', stage: 'input', action: 'refuse', category: 'cyber', phrases: [], patterns: [], ...facts },
})
const drafts: Record<string, { rule: Rule } | { policy: typeof bundle.policy }> = {
  phrase: rule({ phrases: ['fix this code'] }),
  'ten phrases': rule({ phrases: ['fix this code', ...Array.from({ length: 9 }, (_, i) => `確認して${i}`)] }),
  'pattern with a literal': rule({ patterns: ['fix this (code|text)'] }),
  'pattern without one': rule({ patterns: ['(?i)fix\\s+th[ie]s'] }),
  threshold: { policy: { ...bundle.policy, uninspected: 'refuse' } },
}
const rows = Object.entries(drafts).map(([name, draft]) => {
  const first = corpus.score(draft, BUDGET_MS)
  let last = first
  let totalMs = first.tookMs
  while (!last.complete) {
    last = corpus.score(draft, BUDGET_MS)
    totalMs += last.tookMs
  }
  return {
    draft: name,
    firstMs: Math.round(first.tookMs),
    firstShare: Number((first.exchanges / N).toFixed(3)),
    allMs: Math.round(totalMs),
    timesReading: Number((totalMs / readMs).toFixed(2)),
    hits: last.hits,
  }
})
const facts = {
  exchanges: N,
  characters,
  loadMs: Math.round(loadMs),
  residentMb: Math.round(process.memoryUsage().rss / 1e6),
}
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ ...facts, rows })}\n`)
else {
  console.log(facts)
  console.table(rows)
}
