import { createHmac, hash, randomBytes, randomUUID } from 'node:crypto'
import { CodedError } from '../core/base/errors.ts'
import { ulid } from '../core/base/ids.ts'
import { bundleHash, parseBundle } from '../core/safeguards/bundle.ts'
import type { CollateralReport } from '../core/safeguards/collateral/report.ts'
import { BASE, joinedOf } from '../core/safeguards/slots.ts'
import { type Config, loadConfig } from '../io/config/config.ts'
import { createSealer } from '../io/keys/sealer.ts'
import { loadSecrets, type Secrets } from '../io/keys/secrets.ts'
import { openStore } from '../io/store/open-store.ts'
import { planReplay } from '../jobs/plan-replay.ts'
import type { Store } from '../jobs/ports.ts'
import { type ReplayPorts, workOn } from '../jobs/replay.ts'
import type { ReplayJob, ReplayProgress } from '../jobs/replay-ports.ts'
import type { settingsFrom } from './collateral-settings.ts'
import { inspectAgain, keptContents } from './inspect-kept.ts'
import { type Applied, beside, embeddedBundle } from './judge.ts'
import { type KnownBundle, type KnownBundles, knownBundles, type Unreadable } from './known-bundles.ts'
import { replayReport, replayWorld } from './replay-report.ts'

/** The job is not there, or this machine cannot help with it. */
export class ReplayError extends CodedError<'job_missing' | 'other_keys'> {}

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
  readonly unreadable: Unreadable
  progress(job: string, progress: ReplayProgress, secondsLeft: number | null): void
}

const DAY_MS = 86_400_000

/**
 * The collateral report over stored decisions, kept in the store for the console. A job that was stopped is named and
 * goes on where it stopped; where `DATABASE_URL` is set, others may help with `--job`. Whoever helps gets the same report, as
 * the first of them who came to the end has made it.
 * @throws {ReplayError} `job_missing`; `other_keys`: whoever started it can open contents that nobody here can.
 */
export async function storeReport(options: StoreReportOptions): Promise<{ id: string; report: CollateralReport }> {
  const config = options.config ?? loadConfig(process.env, process.cwd())
  const store = await openStore(config.databaseUrl, config.dataFolder)
  try {
    const secrets = await loadSecrets(config.dataFolder)
    const sealer = createSealer({ master: secrets.master, store })
    const embedded = await embeddedBundle()
    const known = await knownBundles(store, embedded, options.unreadable)
    const keys = keysOf(secrets)
    const job =
      options.job === null
        ? await newJob({ ...options, ...comparedIn(known.enforcing, embedded, options) }, keys, store)
        : await store.replayJob(options.job)
    if (job === null) {
      const ended = await keptReport(options.job!, store)
      if (ended !== null) return ended
      throw new ReplayError('job_missing', `no replay ${options.job}; start one without --job, or check DATABASE_URL`)
    }
    const spec = JSON.parse(job.spec) as Spec
    // Else what cannot be opened here would count as content that is gone, and the report would hang on who made it.
    if (spec.keys !== keys)
      throw new ReplayError(
        'other_keys',
        `${job.id} was started with other keys than those here; set SLUICE_DATA to the same data folder, or a copy of its keys`,
      )
    const sides = sidesOf(spec, options)
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
    const world = replayWorld(known.byLabel, config.segments, labels)
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
    await workOn(job.id, randomUUID(), bundles, ports, (progress, left) => options.progress(job.id, progress, left))
    const window = { sinceMs: job.sinceMs, untilMs: job.untilMs }
    const make = () => replayReport(job.id, sides, { source: 'decisions', window, settings: spec.settings }, ports)
    return await endOf(job, sides, make, store)
  } finally {
    await store.close()
  }
}

/**
 * Several workers come to the end at once. The report is kept before its chunks are forgotten, so whoever finds chunks
 * missing finds the report; and of two reports the first is the one that everybody gets.
 */
async function endOf(
  job: ReplayJob,
  { before, after }: Record<'before' | 'after', Applied>,
  make: () => Promise<CollateralReport>,
  store: Store,
): Promise<{ id: string; report: CollateralReport }> {
  const ended = await keptReport(job.id, store)
  if (ended !== null) return ended
  try {
    const report = await make()
    const { outcome, traffic } = report
    const row = { id: reportOf(job.id), createdAtMs: Date.now(), before: before.label, after: after.label, outcome }
    await store.addReport({ ...row, requests: traffic.requests }, JSON.stringify(report))
  } catch (error) {
    if ((await keptReport(job.id, store)) === null) throw error
  }
  await store.forgetReplay(job.id)
  return (await keptReport(job.id, store))!
}

async function keptReport(job: string, store: Pick<Store, 'report'>) {
  const id = reportOf(job)
  const text = await store.report(id)
  // Written by ourselves, in `endOf`.
  return text === null ? null : { id, report: JSON.parse(text) as CollateralReport }
}

function reportOf(job: string): string {
  return `col_${job.slice(4)}`
}

/** Tells apart who can open what; says nothing of the keys. */
export function keysOf({ master }: Pick<Secrets, 'master'>): string {
  return createHmac('sha256', master).update('replay').digest('hex')
}

/**
 * What is compared: what enforces in all slots, and the same with one of them replaced. Each side is named by the safeguard
 * that differs. What ships enforces only until a release does; another `before` than that is taken as it is given.
 */
function comparedIn(
  enforcing: KnownBundles['enforcing'],
  embedded: Applied,
  { before, after }: Record<'before' | 'after', Applied>,
): Record<'before' | 'after', Applied> {
  if (before.hash !== embedded.hash) return { before, after: beside(before, after) }
  const usable = [...enforcing].filter(
    ([
      ,
      {
        bundle: { model },
      },
    ]) => (model ?? embedded.bundle.model) === embedded.bundle.model,
  )
  const slots = new Map<string, KnownBundle>([[BASE, embedded], ...usable])
  const together = (all: ReadonlyMap<string, KnownBundle>) =>
    joinedOf(new Map([...all].map(([slot, { bundle }]) => [slot, bundle])))!
  const now = together(slots)
  const { label } = slots.get(after.bundle.slot) ?? slots.get(BASE)!
  return {
    before: { ...before, label, bundle: now, hash: bundleHash(now, sha256) },
    after: {
      ...after,
      bundle: { ...together(new Map([...slots, [after.bundle.slot, after]])), sunset: after.bundle.sunset },
    },
  }
}

const sha256 = (text: string) => hash('sha256', text)

/** What a job is started with: whoever helps brings only the models. */
interface Spec {
  readonly before: { readonly bundle: unknown; readonly label: string; readonly hash?: string }
  readonly after: Spec['before']
  readonly settings: StoreReportOptions['settings']
  readonly keys: string
}

/** @param keys As `keysOf` tells them apart. */
export function specOf(
  { before, after, settings }: Pick<StoreReportOptions, 'before' | 'after' | 'settings'>,
  keys: string,
): string {
  const side = ({ bundle, label, hash }: Applied) => ({ bundle, label, hash })
  return JSON.stringify({ before: side(before), after: side(after), settings, keys } satisfies Spec)
}

async function newJob(options: StoreReportOptions, keys: string, store: Store): Promise<ReplayJob> {
  const nowMs = Date.now()
  const job = {
    ...{
      id: `rpl_${ulid(nowMs, randomBytes(10))}`,
      createdAtMs: nowMs,
      sinceMs: nowMs - options.days * DAY_MS,
      untilMs: nowMs,
    },
    spec: specOf(options, keys),
  }
  await planReplay(job, store)
  return job
}

function sidesOf(spec: Spec, given: Pick<StoreReportOptions, 'before' | 'after'>) {
  const side = (name: 'before' | 'after'): Applied => {
    const { label, hash } = spec[name]
    const bundle = parseBundle(spec[name].bundle)
    // A job that an earlier version began does not say.
    return { bundle, label, hash: hash ?? bundleHash(bundle, sha256), classifier: given[name].classifier }
  }
  return { before: side('before'), after: side('after') }
}
