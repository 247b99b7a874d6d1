import { CJS_DRAFT } from './cjs-draft.ts'
import { type Comparison, compare, type JefFacts } from './compare.ts'
import { type Explanation, explain } from './explain.ts'
import { isScored, type REACH, type SeverityVector, WEIGHTS } from './levels.ts'
import type { Measurements, TenthsInterval } from './measured.ts'
import { ceilingOf, type Reading, reachOf, readSeverity } from './score.ts'
import { type NextBand, nextBand, type Step, stepsOf } from './steps.ts'
import { readVector, type VectorFault } from './vector.ts'
import { faultWords, type SeverityLang, severityWords } from './words.ts'

/** Everything of one vector, as the command line and the HTTP API give it. Scores are in tenths throughout. */
export type SeverityReport = { readonly spec: 'JSS 1.0'; readonly lang: SeverityLang } & (
  | (Extract<Reading, { readonly error: VectorFault }> & { readonly message: string })
  | (Exclude<Reading, { readonly error: VectorFault }> & {
      readonly formula: Formula
      /** Null with `UP:?`. */
      readonly ceiling: number | null
      /** `[low, headline, high]`; null without measurements or without a headline. */
      readonly interval: TenthsInterval | null
      readonly next: NextBand | null
      readonly steps: { readonly up: readonly Step[]; readonly down: readonly Step[] } | null
      readonly explanation: Pick<Explanation, 'text' | 'sentences' | 'notes'>
      readonly comparison: Comparison & {
        readonly cjsStatus: string
        readonly cjsSource: string
        readonly why: readonly string[]
      }
      /** What the number does not say. */
      readonly label: string
    })
)

/** The numbers of the formula, so that anybody can work it out again. */
export interface Formula {
  /** Weight of uplift; null with `UP:?`. */
  readonly up: number | null
  readonly hd: number
  /** UN, EF, RE, DI. */
  readonly parts: readonly [number, number, number, number]
  readonly reach: number
}

export interface ReportOptions {
  readonly lang: SeverityLang
  readonly measured: Measurements | null
  /** The harm is cyber, so that CJS speaks of it. */
  readonly cyber: boolean
  readonly jef: JefFacts | null
}

/** Reads, scores, explains and compares one text. A text that is no vector gives its fault, in words too. */
export function severityReport(text: string, { lang, measured, cyber, jef }: ReportOptions): SeverityReport {
  const head = { spec: 'JSS 1.0', lang } as const
  const reading = readSeverity(text)
  if ('error' in reading) return { ...head, ...reading, message: faultWords(lang, reading.error) }
  // Readable, as just seen.
  const vector = readVector(text) as SeverityVector
  const scored = isScored(vector)
  const { interval, ...explanation } = explain(vector, measured, lang)
  const comparison = compare(vector, cyber, jef)
  return {
    ...head,
    ...reading,
    formula: formulaOf(vector),
    ceiling: scored ? ceilingOf(vector) : null,
    interval,
    next: scored ? nextBand(vector) : null,
    steps: scored ? { up: stepsOf(vector, 1), down: stepsOf(vector, -1) } : null,
    explanation,
    comparison: {
      ...comparison,
      cjsStatus: severityWords(lang, 'cjs.draft'),
      cjsSource: CJS_DRAFT.source,
      why: comparison.reasons.map((reason) => severityWords(lang, `reason.${reason}`)),
    },
    label: severityWords(lang, 'jss.label'),
  }
}

export function formulaOf(vector: SeverityVector): Formula {
  const weight = (metric: (typeof REACH)[number]) =>
    (WEIGHTS[metric] as Readonly<Record<string, number>>)[vector[metric]]!
  return {
    up: isScored(vector) ? WEIGHTS.UP[vector.UP] : null,
    hd: WEIGHTS.HD[vector.HD],
    parts: [weight('UN'), weight('EF'), weight('RE'), weight('DI')],
    reach: reachOf(vector),
  }
}

/**
 * The formula with its numbers, e.g. `⌊(25 × 80 × (100 + 10 + 10 + 14 + 0) + 10000) ÷ 20000⌋ = 13 tenths`, without the
 * last word. Where uplift is unknown the weight of the greatest stands in, as in the provisional upper bound.
 */
export function formulaText({ up, hd, parts }: Formula, tenths: number): string {
  if (up === 0) return 'UP:N → 0'
  return `⌊(${up ?? 100} × ${hd} × (100 + ${parts.join(' + ')}) + 10000) ÷ 20000⌋ = ${tenths}`
}
