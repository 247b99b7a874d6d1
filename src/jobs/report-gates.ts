import { z } from 'zod'
import { figures } from '../core/briefs/figures.ts'
import type { Met } from '../core/safeguards/collateral/met.ts'
import type { Gate as ReportGate } from '../core/safeguards/collateral/report.ts'
import type { Evidence, GateId } from '../core/safeguards/release.ts'
import { ReleaseError } from './release-ports.ts'

const side = z.object({ label: z.string(), hash: z.string().nullable() })
const value = z.object({ value: z.number(), lo: z.number(), hi: z.number() })
/** What is read of a collateral report; the rest of it is kept and shown as it is. */
const reportSchema = z.object({
  v: z.literal(1),
  kind: z.literal('collateral'),
  before: side,
  after: side,
  gates: z.array(
    z.object({
      name: z.string().max(40),
      outcome: z.enum(['pass', 'fail', 'INCONCLUSIVE']),
      reason: z.string().max(100),
      n: z.number(),
      limit: z.number().nullable(),
      value: value.nullable(),
      about: z.string().max(200).nullable(),
      needed: z.number().nullable(),
    }),
  ),
  superset: z.object({
    relation: z.enum(['superset', 'subset', 'equal', 'mixed']),
    newlyActed: z.number(),
    noLongerActed: z.number(),
    unchanged: z.number(),
    strictlyWorse: z.boolean(),
  }),
})

/** The report's own names for the gates of a release. Its sunset is not read: it follows from the bundle. */
const NAMES: Readonly<Record<string, GateId>> = {
  permanent: 'regression',
  miss: 'miss_bound',
  retained: 'collateral',
  slices: 'collateral',
  separable: 'inseparable',
  overhead: 'overhead',
}

/**
 * The gates that a collateral report measured; null for any other report, whose gates come with it.
 * @param against Hash of what is in force, all slots together, which it must have been paired with.
 * @throws {ReleaseError} a report about another bundle, or against another one.
 */
export function gatesOfReport(body: unknown, bundle: string, against: string): Evidence['gates'] | null {
  const report = reportSchema.safeParse(body)
  if (!report.success) return null
  const { before, after, gates, superset } = report.data
  if (after.hash !== bundle)
    throw new ReleaseError(
      'bundle_invalid',
      `this report is about ${after.hash ?? 'a safeguard without a hash'}`,
      `make one about ${bundle}`,
    )
  if (before.hash !== null && before.hash !== against)
    throw new ReleaseError(
      'bundle_invalid',
      `this report compares with ${before.hash}, which is not in force`,
      'make one against what is enforcing now',
    )
  const measured = gates.flatMap((gate): Evidence['gates'] => {
    const { name, outcome, reason, n, value: at, about, needed } = gate
    const id = NAMES[name]
    if (id === undefined) return []
    const say = name === 'overhead' ? milliseconds : (share: number) => figures('en').percent(share, 2)
    const interval = at === null ? '' : `, ${say(at.value)} (${say(at.lo)} to ${say(at.hi)})`
    const where = about === null ? '' : `, ${about}`
    const more = needed === null ? '' : `, ${needed} needed`
    const says = `${name}: ${reason}${where}${interval}, n = ${n}${more}`.slice(0, 500)
    // Names were looked up above; a reason of a later version is told from its words.
    const as = { kind: 'report', gate: gate as ReportGate } as const
    return [{ id, outcome: outcome === 'INCONCLUSIVE' ? 'inconclusive' : outcome, says, measured: as }]
  })
  const { relation, newlyActed, noLongerActed, unchanged, strictlyWorse } = superset
  const says = `${relation}: ${newlyActed} newly acted on, ${noLongerActed} no longer, ${unchanged} unchanged`
  const as = { kind: 'superset', ...superset } as const
  return [...measured, { id: 'superset', outcome: strictlyWorse ? 'fail' : 'pass', says, measured: as }]
}

const count = z.int().min(0)
const beforeAfter = z.object({ before: count, after: count })
const predictionSchema = z.object({
  // Labelled rows have no window: they are no sessions of this instance, and predict none.
  window: z.object({ sinceMs: z.number(), untilMs: z.number() }),
  met: z.object({ sessions: count, refused: beforeAfter, diverted: beforeAfter, touched: beforeAfter }),
})

/** What the newest report of a pack over stored decisions predicts of sessions; null: none does. */
export function predictionOf(evidence: readonly Pick<Evidence, 'atMs' | 'text'>[]): Met | null {
  for (const { text } of [...evidence].sort((a, b) => b.atMs - a.atMs)) {
    const body: unknown = JSON.parse(text)
    const report = reportSchema.and(predictionSchema).safeParse(body)
    if (report.success) return report.data.met
  }
  return null
}

/** @param us Overhead is the one gate that is no share. */
function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(2)} ms`
}
