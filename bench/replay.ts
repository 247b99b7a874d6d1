import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { embeddedBundle } from '../src/cli/judge.ts'
import { LABELS } from '../src/core/base/reasons.ts'
import { decide } from '../src/core/policy/decide.ts'
import type { Finding } from '../src/core/policy/finding.ts'
import type { Receipt } from '../src/core/policy/receipt.ts'
import type { Bundle } from '../src/core/safeguards/bundle.ts'
import { DEFAULT_LIMITS } from '../src/core/safeguards/collateral/report.ts'
import { collateral } from '../src/core/safeguards/collateral.ts'
import { openSqlite } from '../src/io/store/open-store.ts'
import { planReplay } from '../src/jobs/plan-replay.ts'
import { resultsOf, workOn } from '../src/jobs/replay.ts'
import { aReceipt } from '../test/fakes/a-receipt.ts'

/**
 * Replay of recorded decisions under a changed policy, and the whole report: how many a second, by one worker over SQLite.
 * `node bench/replay.ts` (100,000); `--n 1000000` is the size that must take less than ten minutes on two cores; `--json`.
 */
const at = process.argv.indexOf('--n')
const N = at < 0 ? 100_000 : Number(process.argv[at + 1])
const json = process.argv.includes('--json')
const BATCH = 500

const { bundle: before } = await embeddedBundle()
const { cyber } = before.policy.harms
const wider = { ...cyber, input: { ...cyber.input, clear: 200_000, act: 300_000 } }
const after: Bundle = { ...before, policy: { ...before.policy, harms: { ...before.policy.harms, cyber: wider } } }

/** Pseudo-random, so that two runs replay the same traffic. */
let state = 1
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
  return (state >>> 0) / 2 ** 32
}

/** What the gateway writes: a finding for what is asked, and for a third of requests for a system prompt or a history. */
function synthetic(n: number): Receipt {
  const receipt = aReceipt({ n, atMs: 1_795_500_000_000 + n, session: `s${Math.floor(random() * (N / 8))}` })
  const [first] = receipt.steps[0]!.input.findings as [Finding & { kind: 'scored' }]
  const ppm = LABELS.map(() => (random() < 0.15 ? Math.floor(1e6 * random() ** 8) : 0))
  const more = random() < 0.33 ? [{ ...first, place: { ...first.place, newest: false }, ppm: LABELS.map(() => 0) }] : []
  const input = { ...receipt.steps[0]!.input, fallbackModel: 'small', findings: [{ ...first, ppm }, ...more] }
  const facts = { model: before.model!, org: `org-${Math.floor(random() * 300)}` as Receipt['org'] }
  return { ...receipt, ...facts, steps: [{ input, decision: null }], decision: decide(input, before.policy) }
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-replay-'))
try {
  const store = await openSqlite(join(folder, 'sluice.db'))
  for (let i = 0; i < N; i += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, N - i) }, (_, k) => {
      const head = synthetic(i + k)
      return { head, line: JSON.stringify(head), hash: '', segment: 'other' as const }
    })
    await store.addReceipts(rows, { file: 'bench', offset: i })
  }
  const started = performance.now()
  const job = { id: 'bench', createdAtMs: 0, sinceMs: 0, untilMs: 2_000_000_000_000, spec: '' }
  await planReplay(job, store)
  const ports = {
    book: store,
    receipts: ({ from, until }: { from: { atMs: number; id: string }; until: { atMs: number; id: string } | null }) =>
      store.receiptsBetween(from, until, job.untilMs),
    madeBy: () => before,
    again: async () => null,
    facts: () => ({ segment: 'other', label: null, family: null }),
    pack: (text: string) => gzipSync(text, { level: 1 }),
    unpack: (bytes: Uint8Array) => gunzipSync(bytes).toString(),
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: async () => undefined,
  }
  await workOn('bench', 'one', { before, after }, ports, ({ requestsDone, requests }, left) => {
    if (!json) process.stderr.write(`\r${requestsDone} of ${requests}, ${Math.ceil(left ?? 0)} s left   `)
  })
  const replayed = performance.now()
  const { cases, notReplayable, withoutAnswer } = await resultsOf('bench', ports)
  const report = collateral(cases, {
    ...DEFAULT_LIMITS,
    ...{
      before: { label: 'before', hash: null },
      after: { label: 'after', hash: null },
      source: 'bench',
      window: null,
    },
    ...{ claim: null, separation: null, permanent: [], quality: null, cost: null },
    ...{ temporary: false, sunset: null, madeFor: null, notReplayable, withoutAnswer },
  })
  const seconds = (performance.now() - started) / 1000
  const facts = {
    receipts: N,
    seconds: Number(seconds.toFixed(1)),
    replaySeconds: Number(((replayed - started) / 1000).toFixed(1)),
    perSecond: Math.round(N / seconds),
    millionInMinutes: Number(((1e6 / N) * (seconds / 60)).toFixed(2)),
    moved: report.moved.length,
    residentMb: Math.round(process.memoryUsage().rss / 1e6),
  }
  process.stdout.write(
    json
      ? `${JSON.stringify(facts)}\n`
      : `\n${Object.entries(facts)
          .map(([k, v]) => `${k} ${v}`)
          .join('\n')}\n`,
  )
  await store.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
