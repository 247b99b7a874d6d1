import type { Outcome } from '../../safeguards/collateral/claim.ts'
import type { Dimension, Moved } from '../../safeguards/collateral/columns.ts'
import type { Movement } from '../../safeguards/collateral/paired-case.ts'
import type { Gate, GateName } from '../../safeguards/collateral/report.ts'

/** Everything a collateral report says, in one language. A sentence that is missing does not compile. */
export interface CollateralWords {
  readonly lang: 'en' | 'ja'
  readonly title: string
  /** Heading: the finding. `points` is signed: more is taken away. */
  heading(after: string, points: string, sign: -1 | 0 | 1, outcome: Outcome): string
  lede(facts: {
    before: string
    after: string
    requests: string
    sessions: string
    organisations: string
    source: string
    window: string | null
  }): string
  readonly outcome: Readonly<Record<Outcome, string>>
  readonly action: Readonly<Record<Moved['before'], string>>
  readonly movement: Readonly<Record<Movement, string>>
  readonly dimension: Readonly<Record<Dimension, string>>
  readonly gate: Readonly<Record<GateName, string>>
  /** What a gate found, and what to do where it does not pass. */
  reason(gate: Gate, n: { n: string; needed: string }): string
  readonly section: Readonly<
    Record<'movements' | 'gates' | 'slices' | 'requests' | 'gains' | 'limits' | 'cost', string>
  >
  readonly note: Readonly<Record<'movements' | 'gates' | 'slices' | 'gains' | 'cost', string>>
  readonly column: Readonly<
    Record<
      | 'movement'
      | 'requests'
      | 'ofRequests'
      | 'sessions'
      | 'ofSessions'
      | 'quality'
      | 'measure'
      | 'limit'
      | 'value'
      | 'result'
      | 'slice'
      | 'before'
      | 'after'
      | 'difference'
      | 'family'
      | 'request'
      | 'organisation'
      | 'segment'
      | 'category'
      | 'corrected',
      string
    >
  >
  readonly figure: Readonly<
    Record<
      | 'retainedBefore'
      | 'retainedAfter'
      | 'weighted'
      | 'budget'
      | 'users'
      | 'sessionsAfter'
      | 'mcnemar'
      | 'superset'
      | 'madeFor'
      | 'sunset'
      | 'hash'
      | 'tokens',
      string
    >
  >
  readonly superset: Readonly<Record<'superset' | 'subset' | 'equal' | 'mixed' | 'worse', string>>
  readonly freed: string
  readonly taken: string
  readonly noAnswer: string
  readonly notMeasured: string
  readonly none: string
  interval(lo: string, hi: string): string
  pp(value: string): string
  nOf(k: string, n: string): string
  shown(shown: string, total: string): string
  readonly limits: {
    notReplayable(n: string, reason: string): string
    withoutAnswer(n: string): string
    unlabelled(n: string): string
    slice(name: string, n: string, needed: string): string
    slicesLeft(n: string): string
    readonly quality: string
    readonly oneSided: string
    readonly left: string
  }
  /** Why a request could not be decided again. */
  replayReason(code: string): string
}
