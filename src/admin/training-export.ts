import { type GoldenScore, outcomeOf } from '../core/safeguards/agreement.ts'
import { type CapRow, capRows, type Excess } from '../core/safeguards/label-caps.ts'
import type { LabelRow } from '../jobs/review-ports.ts'
import type { Provenance, TrainingRow } from '../jobs/training-ports.ts'
import type { AdminPorts } from './ports.ts'

/** One exchange that people have labelled, on its way into training. */
export interface LabelledExchange extends CapRow {
  readonly label: TrainingRow['label']
  readonly attack: LabelRow['attack']
  readonly words: readonly LabelRow[]
  /** People who had to agree. */
  readonly needs: number
}

/** A row of the data files, with where it comes from. */
export interface ReviewedRow extends TrainingRow {
  readonly license: string
  readonly split: 'train' | 'dev'
  readonly provenance: Provenance & {
    readonly atMs: number
    /** People who had to agree, and how many did. */
    readonly quorum: string
    readonly origin: LabelRow['source']
    readonly decision: string
    /** Revoking these labels takes the row back. */
    readonly labels: readonly string[]
    readonly revocable: true
  }
}

const DEV_SHARE = 0.12
/** No other language is written with these. */
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u

/**
 * What the labels come to: one row per exchange on which enough people agree, without hidden checks, without reviewers
 * who failed those, and within the caps.
 */
export function gatherRows(
  labels: readonly LabelRow[],
  failed: readonly GoldenScore[],
  needsOf: ReadonlyMap<string, number>,
  base: Readonly<Record<string, number>>,
): { readonly rows: readonly LabelledExchange[]; readonly excess: readonly Excess[] } {
  const out = new Set(failed.map(({ reviewer }) => reviewer))
  const usable = labels.filter(({ golden, by }) => !golden && !out.has(by))
  const rows = [...Map.groupBy(usable, ({ decision }) => decision)].flatMap(([decision, words]) => {
    // Whoever decides an appeal has heard the other side: that word alone is enough.
    const appeal = words.findLast(({ source }) => source === 'appeal')
    const said = appeal === undefined ? words : [appeal]
    const item = appeal === undefined ? (words.find((one) => one.item !== null)?.item ?? null) : null
    const needs = item === null ? 1 : (needsOf.get(item) ?? 2)
    const { label } = outcomeOf(said, needs)
    if (label === null || label === 'unsure') return []
    const [first] = said
    const category = said.find((one) => one.category !== 'none')?.category ?? 'none'
    const reviewers = [...new Set(said.map(({ by }) => by))]
    return [{ id: decision, org: first!.org, category, reviewers, label, attack: first!.attack, words: said, needs }]
  })
  const { kept, excess } = capRows(rows, base)
  return { rows: kept, excess }
}

/** The row as it is written; null where the text is no longer kept. */
export async function trainingLine(row: LabelledExchange, ports: AdminPorts): Promise<ReviewedRow | null> {
  const { words, label, category, attack, reviewers, needs } = row
  const [first] = words
  const stored = await ports.store.receipt(first!.decision)
  const kept = stored === null ? null : await ports.content(stored.receipt)
  if (stored === null || kept === null) return null
  const answers = stored.receipt.decision.stage === 'output' || stored.receipt.decision.stage === 'exchange'
  const asked = kept.turns.flatMap(({ role, parts }) => {
    const content = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n')
    return content === '' ? [] : [{ role: role as string, content }]
  })
  const turns = answers ? [...asked, { role: 'assistant', content: kept.answer.join('') }] : asked
  const target = answers ? 'exchange' : 'prompt'
  const text = turns.map(({ content }) => content).join('\n')
  const hash = ports.sha256(`${target}\n${text}`)
  return {
    id: hash.slice(0, 16),
    lang: KANA.test(text) ? 'ja' : 'und',
    turns,
    label,
    attack: label === 'harmful' ? attack : null,
    category: label === 'harmful' ? category : 'none',
    target,
    source: `review-${first!.org}`,
    license: 'operator',
    quality: reviewers.length > 1 ? 'gold' : 'silver',
    split: Number.parseInt(hash.slice(-8), 16) / 2 ** 32 < DEV_SHARE ? 'dev' : 'train',
    provenance: {
      ...{ authors: reviewers, org: first!.org, category },
      atMs: words.at(-1)!.atMs,
      quorum: `${reviewers.length} of ${needs}`,
      origin: first!.source,
      decision: first!.decision,
      labels: words.map(({ id }) => id),
      revocable: true,
    },
  }
}
