import { hash, randomBytes, randomUUID } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { CodedError } from '../core/base/errors.ts'
import { ulid } from '../core/base/ids.ts'
import { bundleHash, parseBundle } from '../core/safeguards/bundle.ts'
import type { CollateralReport } from '../core/safeguards/collateral/report.ts'
import { collateral } from '../core/safeguards/collateral.ts'
import { loadConfig } from '../io/config/config.ts'
import { createSealer } from '../io/keys/sealer.ts'
import { loadSecrets } from '../io/keys/secrets.ts'
import { openStore } from '../io/store/open-store.ts'
import { planReplay } from '../jobs/plan-replay.ts'
import type { ReplayJob, ReplayProgress, Store } from '../jobs/ports.ts'
import { type ReplayPorts, resultsOf, workOn } from '../jobs/replay.ts'
import { RowTraffic } from '../jobs/traffic.ts'
import type { settingsFrom } from './collateral-settings.ts'
import { inspectAgain, keptContents } from './inspect-kept.ts'
import { type Applied, embeddedBundle, judgeOf } from './judge.ts'
import { regressionSets } from './regression-sets.ts'

/** The job is not there, or others still work on it. */
export class ReplayError extends CodedError<'job_missing' | 'job_unfinished'> {}

export interface StoreReportOptions {
  readonly before: Applied
  readonly after: Applied
  /** Decisions of the last so many days. */
  readonly days: number
  /** A job to go on with, or to help; null: a new one. */
  readonly job: string | null
  readonly settings: ReturnType<typeof settingsFrom>
  progress(job: string, progress: ReplayProgress, secondsLeft: number | null): void
}

const DAY_MS = 86_400_000

/**
 * The collateral report over stored decisions, kept in the store for the console. A job that was stopped is named and
 * goes on where it stopped; where `DATABASE_URL` is set, others may help with `--job`.
 * @throws {ReplayError} `job_unfinished`: the last chunks are with other workers.
 */
export async function storeReport(options: StoreReportOptions): Promise<{ id: string; report: CollateralReport }> {
  const config = loadConfig(process.env, process.cwd())
  const store = await openStore(config.databaseUrl, config.dataFolder)
  try {
    const secrets = await loadSecrets(config.dataFolder)
    const sealer = createSealer({ master: secrets.master, store })
    const job = options.job === null ? await newJob(options, store) : await store.replayJob(options.job)
    if (job === null)
      throw new ReplayError('job_missing', `no replay ${options.job}; start one without --job, or check DATABASE_URL`)
    const sides = sidesOf(job, options)
    const embedded = await embeddedBundle()
    const kept = keptContents(store, sealer)
    const names = new Set(
      [sides.before.bundle, sides.after.bundle].flatMap(({ rules, families }) => [
        ...rules.map(({ name }) => name),
        ...families.map(({ id }) => `family:${id}`),
      ]),
    )
    const again = { before: inspectAgain(sides.before, names), after: inspectAgain(sides.after, names) }
    const ports: ReplayPorts = {
      book: store,
      receipts: ({ from, until }) => store.receiptsBetween(from, until, job.untilMs),
      madeBy: ({ safeguards }) => (safeguards[embedded.bundle.slot] === embedded.label ? embedded.bundle : null),
      async again(receipt, side) {
        const content = await kept(receipt)
        return content === null ? null : again[side](receipt, content)
      },
      facts: () => ({ segment: 'other', label: null, family: null }),
      pack: (text) => gzipSync(text, { level: 1 }),
      unpack: (bytes) => gunzipSync(bytes).toString(),
      nowMs: () => Date.now(),
      monotonicMs: () => performance.now(),
    }
    const bundles = { before: sides.before.bundle, after: sides.after.bundle }
    const end = await workOn(job.id, randomUUID(), bundles, ports, (progress, left) =>
      options.progress(job.id, progress, left),
    )
    if (end.chunksDone < end.chunks)
      throw new ReplayError(
        'job_unfinished',
        `${end.chunks - end.chunksDone} of ${end.chunks} chunks are with other workers; in two minutes: --job ${job.id}`,
      )
    const report = await reportOf(job, sides, options, ports)
    const id = `col_${job.id.slice(4)}`
    const { outcome, traffic } = report
    const row = { id, createdAtMs: Date.now(), before: sides.before.label, after: sides.after.label, outcome }
    await store.addReport({ ...row, requests: traffic.requests }, JSON.stringify(report))
    await store.forgetReplay(job.id)
    return { id, report }
  } finally {
    await store.close()
  }
}

async function newJob({ before, after, days }: StoreReportOptions, store: Store): Promise<ReplayJob> {
  const nowMs = Date.now()
  const side = ({ bundle, label }: Applied) => ({ bundle, label })
  const job = {
    ...{
      id: `rpl_${ulid(nowMs, randomBytes(10))}`,
      createdAtMs: nowMs,
      sinceMs: nowMs - days * DAY_MS,
      untilMs: nowMs,
    },
    spec: JSON.stringify({ before: side(before), after: side(after) }),
  }
  await planReplay(job, store)
  return job
}

/** What the job was started with; whoever helps brings only the models. */
function sidesOf(job: ReplayJob, given: Pick<StoreReportOptions, 'before' | 'after'>) {
  const spec = JSON.parse(job.spec) as Record<'before' | 'after', { bundle: unknown; label: string }>
  const side = (name: 'before' | 'after'): Applied => {
    const bundle = parseBundle(spec[name].bundle)
    const hashed = bundleHash(bundle, (text) => hash('sha256', text))
    return { bundle, label: spec[name].label, hash: hashed, classifier: given[name].classifier }
  }
  return { before: side('before'), after: side('after') }
}

async function reportOf(
  job: ReplayJob,
  { before, after }: Record<'before' | 'after', Applied>,
  { settings }: StoreReportOptions,
  ports: ReplayPorts,
): Promise<CollateralReport> {
  const { cases, notReplayable, withoutAnswer } = await resultsOf(job.id, ports)
  const traffic = new RowTraffic(judgeOf(before), judgeOf(after), () => performance.now() * 1000)
  const permanent = [...(await regressionSets())].map(([name, rows]) => traffic.permanent(name, rows))
  return collateral(cases, {
    ...settings,
    before: { label: before.label, hash: before.hash },
    after: { label: after.label, hash: after.hash },
    ...{ source: 'decisions', window: { sinceMs: job.sinceMs, untilMs: job.untilMs } },
    ...{ separation: null, permanent, cost: traffic.cost(), sunset: after.bundle.sunset },
    ...{ notReplayable, withoutAnswer },
  })
}
