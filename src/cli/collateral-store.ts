import { hash, randomBytes, randomUUID } from 'node:crypto'
import { CodedError } from '../core/base/errors.ts'
import { ulid } from '../core/base/ids.ts'
import { bundleHash, parseBundle } from '../core/safeguards/bundle.ts'
import type { CollateralReport } from '../core/safeguards/collateral/report.ts'
import { type Config, loadConfig } from '../io/config/config.ts'
import { createSealer } from '../io/keys/sealer.ts'
import { loadSecrets } from '../io/keys/secrets.ts'
import { openStore } from '../io/store/open-store.ts'
import { planReplay } from '../jobs/plan-replay.ts'
import type { ReplayJob, ReplayProgress, Store } from '../jobs/ports.ts'
import { type ReplayPorts, workOn } from '../jobs/replay.ts'
import type { settingsFrom } from './collateral-settings.ts'
import { inspectAgain, keptContents } from './inspect-kept.ts'
import { type Applied, embeddedBundle } from './judge.ts'
import { knownBundles } from './known-bundles.ts'
import { replayReport, replayWorld } from './replay-report.ts'

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
  /** Where the store is; left out: as this process is configured. */
  readonly config?: Config
  progress(job: string, progress: ReplayProgress, secondsLeft: number | null): void
}

const DAY_MS = 86_400_000

/**
 * The collateral report over stored decisions, kept in the store for the console. A job that was stopped is named and
 * goes on where it stopped; where `DATABASE_URL` is set, others may help with `--job`.
 * @throws {ReplayError} `job_unfinished`: the last chunks are with other workers.
 */
export async function storeReport(options: StoreReportOptions): Promise<{ id: string; report: CollateralReport }> {
  const config = options.config ?? loadConfig(process.env, process.cwd())
  const store = await openStore(config.databaseUrl, config.dataFolder)
  try {
    const secrets = await loadSecrets(config.dataFolder)
    const sealer = createSealer({ master: secrets.master, store })
    const embedded = await embeddedBundle()
    const known = await knownBundles(store, embedded)
    // What ships enforces only until a release does.
    const shipped = options.before.hash === embedded.hash
    const now = known.enforcing
    const before =
      shipped && now?.bundle.model === embedded.bundle.model ? { ...options.before, ...now } : options.before
    const job = options.job === null ? await newJob({ ...options, before }, store) : await store.replayJob(options.job)
    if (job === null)
      throw new ReplayError('job_missing', `no replay ${options.job}; start one without --job, or check DATABASE_URL`)
    const sides = sidesOf(job, options)
    const labelled = await store.labelledDecisions(job.sinceMs, job.untilMs)
    const labels = new Map(labelled.map(({ decision, label }) => [decision, label]))
    const kept = keptContents(store, sealer)
    const names = new Set(
      [sides.before.bundle, sides.after.bundle].flatMap(({ rules, families }) => [
        ...rules.map(({ name }) => name),
        ...families.map(({ id }) => `family:${id}`),
      ]),
    )
    const again = { before: inspectAgain(sides.before, names), after: inspectAgain(sides.after, names) }
    const world = replayWorld(embedded.bundle.slot, known.byLabel, config.segments, labels)
    const ports: ReplayPorts = {
      ...world,
      book: store,
      receipts: ({ from, until }) => store.receiptsBetween(from, until, job.untilMs),
      async again(receipt, side) {
        const content = await kept(receipt)
        return content === null ? null : again[side](receipt, content, world.madeBy(receipt))
      },
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
    const window = { sinceMs: job.sinceMs, untilMs: job.untilMs }
    const report = await replayReport(job.id, sides, { source: 'decisions', window, settings: options.settings }, ports)
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
