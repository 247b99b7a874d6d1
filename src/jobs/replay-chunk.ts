import type { PairedCase } from '../core/safeguards/collateral/paired-case.ts'

/** What one chunk of a replay gave. */
export interface ChunkResult {
  readonly cases: readonly PairedCase[]
  readonly notReplayable: Readonly<Record<string, number>>
  /** Refused before an answer was made, and let through now. */
  readonly withoutAnswer: number
}

const MEMBERS = ['session', 'user', 'org', 'surface', 'language', 'segment', 'category', 'label', 'family'] as const

/** A result as text: every name once, and numbers instead. The id is kept of those that are decided otherwise. */
export function packChunk({ cases, notReplayable, withoutAnswer }: ChunkResult): string {
  const names: (string | null)[] = []
  const known = new Map<string | null, number>()
  const of = (name: string | null) => {
    const at = known.get(name)
    if (at !== undefined) return at
    known.set(name, names.length)
    return names.push(name) - 1
  }
  const rows = cases.map((one) => {
    const row: (string | number)[] = [of(one.before), of(one.after), ...MEMBERS.map((member) => of(one[member]))]
    return one.before === one.after ? row : [...row, one.id]
  })
  return JSON.stringify({ v: 1, names, rows, notReplayable, withoutAnswer })
}

export function unpackChunk(text: string): ChunkResult {
  // Written by `packChunk` into our own store: its shape is known.
  const { names, rows, notReplayable, withoutAnswer } = JSON.parse(text) as {
    names: (string | null)[]
    rows: (string | number)[][]
    notReplayable: Record<string, number>
    withoutAnswer: number
  }
  const cases = rows.map((row) => {
    const name = (i: number) => names[row[i] as number]!
    const [session, user] = [names[row[2] as number] ?? null, names[row[3] as number] ?? null]
    return {
      ...{ id: (row[11] as string | undefined) ?? '', before: name(0), after: name(1), session, user },
      ...{ org: name(4), surface: name(5), language: name(6), segment: name(7) },
      ...{ category: names[row[8] as number] ?? null, label: names[row[9] as number] ?? null },
      family: names[row[10] as number] ?? null,
    } as PairedCase
  })
  return { cases, notReplayable, withoutAnswer }
}
