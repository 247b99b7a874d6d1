import { duplicatesAgainst, duplicatesWithin } from '../../core/classifier/evaluation/near-duplicates.ts'
import type { DataRow } from '../training-ports.ts'

/** Why a row was left out. */
export interface Rejected {
  readonly file: string
  readonly line: number
  readonly why: string
}

/** A row that was read, and where it stood. */
export interface PlacedRow {
  readonly file: string
  readonly line: number
  readonly row: DataRow
}

export interface Imported {
  readonly rows: readonly DataRow[]
  readonly rejected: readonly Rejected[]
  readonly counts: readonly Count[]
}

export interface Count {
  readonly by: 'label' | 'category' | 'lang' | 'license' | 'target'
  readonly name: string
  readonly n: number
}

/**
 * Leaves out what repeats an earlier row, or a row of another set: the same text, or nearly (Jaccard of shingles ≥ 0.8).
 * @param against Texts of the other set; usually what is evaluated on, so that nothing of it is learned.
 */
export function importRows(
  placed: readonly PlacedRow[],
  against: readonly { readonly id: string; readonly text: string }[],
): Imported {
  const texts = placed.map(({ row }) => row.turns.map(({ content }) => content).join('\n'))
  const why = new Map<number, string>()
  for (const { at, of, kind } of duplicatesWithin(texts)) {
    const { file, line, row } = placed[of]!
    const same = row.label === placed[at]!.row.label ? '' : ', which has another label'
    why.set(at, `${WORDS[kind]} ${file} line ${line}${same}`)
  }
  const others = against.map(({ text }) => text)
  for (const { at, of, kind } of duplicatesAgainst(texts, others))
    if (!why.has(at)) why.set(at, `${WORDS[kind]} row ${against[of]!.id} of the other set`)
  const rows = placed.filter((_, at) => !why.has(at)).map(({ row }) => row)
  const rejected = placed.flatMap(({ file, line }, at) => (why.has(at) ? [{ file, line, why: why.get(at)! }] : []))
  return { rows, rejected, counts: countsOf(rows) }
}

const WORDS = { exact: 'the same text as', near: 'nearly the same text as' } as const

/** Rows per value of each field that quality is reported by, most first. */
export function countsOf(rows: readonly DataRow[]): readonly Count[] {
  return (['label', 'category', 'lang', 'target', 'license'] as const).flatMap((by) => {
    const groups = new Map<string, number>()
    for (const row of rows) groups.set(row[by], (groups.get(row[by]) ?? 0) + 1)
    return [...groups].map(([name, n]) => ({ by, name, n })).sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1))
  })
}
