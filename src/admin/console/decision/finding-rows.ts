import { attackFormOf, categoryOf, LABELS } from '../../../core/base/reasons.ts'
import { type Finding, UNKNOWN_LANGUAGE } from '../../../core/policy/finding.ts'
import type { Receipt } from '../../../core/policy/receipt.ts'
import { en } from '../messages/en.ts'
import type { PlainKey, Words } from '../words.tsx'

const LEAST_PPM = 10_000
const MOST_LABELS = 5

type Scored = Extract<Finding, { kind: 'scored' }>

/** One line of the table of findings; `ppm` is null for findings that carry no probability. */
export interface FindingRow {
  readonly key: string
  readonly detector: string
  readonly stage: string
  readonly place: { readonly part: string; readonly turn: number } | null
  readonly label: string
  readonly ppm: number | null
}

/** Every finding of a receipt that says something, the most probable label first within each. */
export function findingRows(receipt: Receipt, words: Words): FindingRow[] {
  return receipt.steps.flatMap(({ input }, step) =>
    input.findings.flatMap((finding, i) => rowsOf(finding, `${step}.${i}`, words)),
  )
}

function rowsOf(finding: Finding, key: string, words: Words): FindingRow[] {
  if (finding.kind === 'scored') return labelsOf(finding, key, words)
  const nowhere = { key, detector: '–', place: null, ppm: null }
  switch (finding.kind) {
    case 'unavailable':
      return [{ ...nowhere, detector: finding.detector, stage: finding.stage, label: words('decision.unavailable') }]
    case 'skipped':
      return [
        {
          ...nowhere,
          detector: finding.detector,
          stage: finding.stage,
          label: words('decision.skipped', { why: whySkipped(finding.why, words) }),
        },
      ]
    case 'uninspected': {
      const { media } = finding
      const label =
        media === UNKNOWN_LANGUAGE ? words('decision.unknown_language') : words('decision.uninspected', { media })
      return [{ ...nowhere, stage: finding.stage, place: finding.place, label }]
    }
    case 'rule': {
      const label = words('decision.rule', { rule: finding.rule })
      return [{ ...nowhere, stage: finding.stage, place: finding.place, label }]
    }
    case 'family': {
      const label = words('decision.family', { family: finding.family })
      return [{ ...nowhere, stage: finding.stage, place: finding.place, label }]
    }
    case 'provider_refusal':
      return [{ ...nowhere, stage: finding.stage, label: words('decision.provider_refusal') }]
    case 'control':
      return [{ ...nowhere, stage: 'control', label: words('decision.suspended') }]
  }
}

function labelsOf(finding: Scored, key: string, words: Words): FindingRow[] {
  return LABELS.map((label, i) => ({ label, ppm: finding.ppm[i] ?? 0 }))
    .filter(({ ppm }) => ppm >= LEAST_PPM)
    .sort((a, b) => b.ppm - a.ppm)
    .slice(0, MOST_LABELS)
    .map(({ label, ppm }) => ({
      key: `${key}.${label}`,
      detector: finding.detector,
      stage: finding.stage,
      place: finding.place,
      label:
        attackFormOf(label) === null
          ? words.category(categoryOf(label) ?? label)
          : (words.cause({ reason: label, category: null }) ?? label),
      ppm,
    }))
}

/** As it stands in the receipt, where a later version knows a reason that this page does not. */
function whySkipped(why: string, words: Words): string {
  const key = `skipped.${why}`
  return Object.hasOwn(en, key) ? words(key as Extract<PlainKey, `skipped.${string}`>) : why
}
