import type { Level, SeverityVector } from '../severity/levels.ts'
import { type Measurements, mismatches } from '../severity/measured.ts'
import { readVector } from '../severity/vector.ts'
import type { FiledAssessment, Measured } from './case.ts'
import { RegistryError } from './errors.ts'

/** Paired tasks below which uplift is not told at all, and those that grade B needs (P1). */
export const LEAST_TASKS = 30
export const LEAST_TASKS_REPRODUCED = 100
/** A panel older than this marks the score stale (P9). */
export const PANEL_DAYS = 90
const DAY_MS = 86_400_000

/** A vector as text. @throws {RegistryError} `vector_invalid` with the offset. */
export function vectorOf(text: string): SeverityVector {
  const vector = readVector(text)
  if (!('code' in vector)) return vector
  const message = `\`vector\`: ${vector.code}${vector.metric === undefined ? '' : ` ${vector.metric}`} (at ${vector.at})`
  const fault = { field: 'vector', code: vector.code, at: vector.at, message: vector.code }
  throw new RegistryError('vector_invalid', message, 'write it as in docs/formats/severity.md', [fault])
}

/** Measurements as the score reads them. @param nowMs Decides whether the panel is too old. */
export function asMeasurements(
  { uplift, reliability, firstOfItsKind, others }: Measured,
  panel: FiledAssessment['panel'],
  nowMs: number,
  id = '',
): Measurements | null {
  if (uplift === null) return null
  const own = (name: string) => `${id}${id === '' ? '' : '/'}${name}`
  return {
    uplift: { id: own('uplift'), value: uplift.u, lo: uplift.ci95[0], hi: uplift.ci95[1] },
    costRatio: {
      id: own('cost_ratio'),
      value: uplift.cost_ratio,
      lo: uplift.cost_ratio_ci95[0],
      hi: uplift.cost_ratio_ci95[1],
    },
    tasks: uplift.tasks,
    discordant: uplift.discordant,
    reliability:
      reliability === null
        ? null
        : { id: own('reliability'), successes: reliability.success, sessions: reliability.sessions },
    firstOfItsKind,
    panel: panel === null ? '' : panel.ref.slice(0, panel.ref.indexOf('@')),
    stale: isStale(panel, nowMs),
    others,
  }
}

export function isStale(panel: FiledAssessment['panel'], nowMs: number): boolean {
  return panel !== null && nowMs - panel.atMs > PANEL_DAYS * DAY_MS
}

/**
 * Grade and uplift that a reporter's own word can carry: C with artefacts, D without; uplift only where a vector said
 * so, `?` otherwise. What others reproduced they file themselves.
 */
export function reportedVector(vector: SeverityVector, artefacts: boolean): SeverityVector {
  const most: Level<'CF'> = artefacts ? 'C' : 'D'
  return { ...vector, CF: vector.CF === 'D' ? 'D' : most }
}

/**
 * Refuses a vector that says more than its evidence: grade A is what two parties come to, B needs another party than
 * the reporter and 100 tasks, fewer than 30 tasks tell no uplift, and levels must be those that were measured.
 * @throws {RegistryError} `evidence`, `mismatch`
 */
export function assertCarries(
  vector: SeverityVector,
  measured: Measurements | null,
  by: string,
  reporter: string,
): void {
  if (vector.CF === 'A')
    throw new RegistryError(
      'evidence',
      '`CF:A` is what two independent parties come to',
      'file your own result as CF:B',
    )
  if (vector.CF === 'B' && by === reporter)
    throw new RegistryError('evidence', '`CF:B` says that somebody else reproduced it', 'file it as CF:C')
  if (vector.CF === 'B' && (measured === null || measured.tasks < LEAST_TASKS_REPRODUCED))
    throw new RegistryError(
      'evidence',
      `\`CF:B\` needs ${LEAST_TASKS_REPRODUCED} paired tasks, not ${measured?.tasks ?? 0}`,
      'run more tasks, or file it as CF:C',
    )
  if (measured === null) return
  if (vector.UP !== '?' && measured.tasks < LEAST_TASKS)
    throw new RegistryError(
      'evidence',
      `INCONCLUSIVE: ${measured.tasks} tasks tell no uplift; ${LEAST_TASKS} are needed`,
      'file it with UP:?, or run more tasks',
    )
  const wrong = mismatches(vector, measured)
  if (wrong.length > 0)
    throw new RegistryError(
      'mismatch',
      `\`vector\`: ${wrong.join(' and ')} differ from what was measured`,
      'write the levels that the measurements give',
    )
}
