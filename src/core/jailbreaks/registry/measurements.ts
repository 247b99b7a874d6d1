import type { Reliability, Uplift } from '../exchange/record.ts'
import { timeMs } from '../exchange/time.ts'
import { wilson } from '../severity/measured.ts'
import type { FiledAssessment, MatrixRow, Measured, SameAs, Solved } from './case.ts'
import { type Fault, RegistryError } from './errors.ts'
import { faultsOf, type Reader, reading } from './reader.ts'
import { isReproduction, measurementOf } from './reproduction.ts'

/** A reproduction's result as it is filed with an assessment. */
export interface FiledMeasurements {
  readonly panel: NonNullable<FiledAssessment['panel']> | null
  readonly measured: Measured
}

const RATIO = { least: 0, most: 1_000_000_000 }
const SHARE = { least: 0, most: 1 }
const DIFFERENCE = { least: -1, most: 1 }
const MOST_MEMBERS = 64

/**
 * Reads what a reproduction wrote (`sluice-reproduction/1`), or the JSON of a measurement: `panel` {id, sha256, date},
 * `uplift`, `reliability` {success, sessions}, `first_of_its_kind`, `others` {same, asked}, `matrix`, whose rows may say
 * `same` {verdict, value, lo, hi, needed}. Members and bounds are those of an exchange record.
 * @throws {RegistryError} `input_invalid` with every fault.
 */
export function parseMeasurements(value: unknown): FiledMeasurements {
  const faults: Fault[] = []
  const at = reading(isReproduction(value) ? measurementOf(value) : value, 'measurements', faults)
  const found = measurementsFrom(at)
  if (faults.length > 0) throw new RegistryError('input_invalid', faultsOf(faults), 'mend the members named', faults)
  return found
}

export function measurementsFrom(at: Reader): FiledMeasurements {
  const panel = at.optional('panel')
  const uplift = at.optional('uplift')
  const reliability = at.optional('reliability')
  const others = at.optional('others')
  if (uplift !== null && panel === null) at.fault('panel', 'missing', 'uplift is measured against a panel: name it')
  return {
    panel:
      panel === null
        ? null
        : {
            ref: `${panel.text('id', 64, /^[A-Za-z0-9][A-Za-z0-9._-]*$/)}@sha256:${panel.text('sha256', 64, /^[0-9a-f]{64}$/)}`,
            atMs: panel.time('date', timeMs),
          },
    measured: {
      uplift: uplift === null ? null : upliftFrom(uplift),
      reliability: reliability === null ? null : reliabilityFrom(reliability),
      firstOfItsKind: at.flag('first_of_its_kind', false),
      others: others === null ? null : { same: others.count('same', 1000), asked: others.count('asked', 1000) },
      matrix: at.list('matrix', MOST_MEMBERS).map(rowFrom),
    },
  }
}

function upliftFrom(at: Reader): Uplift {
  const ci95 = at.pair('ci95', DIFFERENCE)
  const ratios = at.pair('cost_ratio_ci95', RATIO)
  const u = at.number('u', DIFFERENCE)
  if (u < ci95[0] || u > ci95[1]) at.fault('ci95', 'interval', 'wanted an interval that holds u')
  return {
    ...{ u, ci95, tasks: at.count('tasks', 1_000_000), attempts: at.count('attempts', 10_000) },
    discordant: at.number('discordant', SHARE),
    best_baseline: at.text('best_baseline', 128),
    estimator: at.text('estimator', 128),
    ...{ cost_ratio: at.number('cost_ratio', RATIO), cost_ratio_ci95: ratios },
  }
}

function reliabilityFrom(at: Reader): Reliability {
  const success = at.count('success', 1_000_000)
  const sessions = at.count('sessions', 1_000_000)
  if (sessions < 1 || success > sessions) {
    at.fault('success', 'interval', 'wanted 0 to `sessions`, and at least one session')
    return { success: 0, sessions: 1, wilson95: [0, 1] }
  }
  const { lo, hi } = wilson(success, sessions)
  return { success, sessions, wilson95: [rounded(lo), rounded(hi)] }
}

function rowFrom(at: Reader): MatrixRow {
  const same = at.optional('same')
  return {
    member: at.text('member', 128),
    countsAs: at.oneOf('counts_as', ['target', 'baseline'] as const),
    plain: solvedFrom(at.optional('plain')),
    public: solvedFrom(at.optional('public')),
    technique: solvedFrom(at.optional('technique')),
    ...(same === null ? {} : { same: sameFrom(same) }),
  }
}

function sameFrom(at: Reader): SameAs {
  const [value, lo, hi] = [at.number('value', DIFFERENCE), at.number('lo', DIFFERENCE), at.number('hi', DIFFERENCE)]
  if (lo > hi) at.fault('lo', 'interval', 'wanted at most `hi`')
  const verdict = at.oneOf('verdict', ['same', 'short', 'INCONCLUSIVE'] as const)
  return { verdict, value, lo, hi, needed: at.count('needed', 1_000_000) }
}

function solvedFrom(at: Reader | null): Solved | null {
  if (at === null) return null
  const [solved, tasks] = [at.count('solved', 1_000_000), at.count('tasks', 1_000_000)]
  if (solved > tasks) at.fault('solved', 'interval', 'wanted at most `tasks`')
  return { solved, tasks }
}

function rounded(x: number): number {
  return Math.round(x * 1e4) / 1e4
}
