import { type Assessment as Assessed, type Cell, cellsOf } from '../severity/cells.ts'
import { type Consensus, consensusOf, type Parties } from '../severity/consensus.ts'
import { rate } from '../severity/score.ts'
import { readVector } from '../severity/vector.ts'
import type { Assessment, JailbreakRecord } from './record.ts'
import type { TravellingObject } from './semantics.ts'
import { modifiedOf } from './semantics.ts'
import type { Statement } from './statement.ts'
import { timeMs } from './time.ts'
import { isStricter, type Level } from './tlp.ts'

/** An object that a log pointed to and that was found good. */
export type Applied = TravellingObject & {
  readonly publisher: string
  readonly level: Level
  /** Place in its log. */
  readonly index: number
  /** Hex, of the envelope file. */
  readonly sha256: string
}

/** What is in force of each `publisher/id`: the later `modified`; of the same, the later place; then the stricter level. */
export function inForce(applied: readonly Applied[]): ReadonlyMap<string, Applied> {
  const found = new Map<string, Applied>()
  for (const one of applied) {
    const key = keyOf(one.publisher, one.object.id)
    const before = found.get(key)
    if (before === undefined || isLater(one, before)) found.set(key, one)
  }
  return found
}

export function keyOf(publisher: string, id: string): string {
  return `${publisher}/${id}`
}

function isLater(one: Applied, before: Applied): boolean {
  const order = (timeMs(modifiedOf(one)) ?? 0) - (timeMs(modifiedOf(before)) ?? 0)
  if (order !== 0) return order > 0
  return one.level === before.level ? one.index > before.index : isStricter(one.level, before.level)
}

/** One cell of a record with every party's word, and what they say together. */
export interface CellView {
  readonly target: string
  readonly harm: string
  readonly counting: readonly Assessed[]
  readonly superseded: Cell['superseded']
  readonly consensus: Consensus
  /** Of the consensus; null where it is disputed, or uplift is not measured. Never an average. */
  readonly tenths: number | null
}

/** A record as it is shown: whole, with all that others say of it. */
export interface RecordView {
  readonly publisher: string
  readonly level: Level
  readonly sha256: string
  readonly record: JailbreakRecord
  readonly withdrawn: boolean
  readonly disputed: boolean
  readonly cells: readonly CellView[]
  /** Statements in force about it, oldest first; those of others than the publisher too. */
  readonly statements: readonly SaidOf[]
}

/** A statement, and whether it was said about the version that is shown. */
export interface SaidOf {
  readonly statement: Statement
  readonly by: string
  readonly level: Level
  readonly aboutThis: boolean
}

/** Every record in force, with the statements of all partners. */
export function recordViews(applied: readonly Applied[], parties: Parties): readonly RecordView[] {
  const found = [...inForce(applied).values()]
  const said = Map.groupBy(
    found.flatMap((one) => (one.type === 'statement' ? [one] : [])),
    ({ object }) => keyOf(object.about.publisher, object.about.id),
  )
  return found.flatMap((one) =>
    one.type === 'record' ? [viewOf(one, said.get(keyOf(one.publisher, one.object.id)) ?? [], parties)] : [],
  )
}

type Of<Type extends Applied['type']> = Extract<Applied, { readonly type: Type }>

function viewOf(record: Of<'record'>, said: readonly Of<'statement'>[], parties: Parties): RecordView {
  const statements = said
    .filter(({ object }) => object.withdrawn == null)
    .sort((a, b) => (timeMs(a.object.at) ?? 0) - (timeMs(b.object.at) ?? 0))
  const openDispute = statements.some(({ object }) => object.kind === 'dispute' && object.settled == null)
  const cells = cellsOf(assessmentsOf(record, statements)).map((cell): CellView => {
    const consensus = consensusOf(cell, openDispute, parties)
    const tenths = consensus.disputed ? null : rate(consensus.vector).tenths
    const { target, harm, counting, superseded } = cell
    return { target, harm, counting, superseded, consensus, tenths }
  })
  return {
    publisher: record.publisher,
    level: record.level,
    sha256: record.sha256,
    record: record.object,
    withdrawn: record.object.withdrawn !== null,
    disputed: openDispute || cells.some(({ consensus }) => consensus.disputed),
    cells,
    statements: statements.map(({ object, publisher, level }) => ({
      statement: object,
      by: publisher,
      level,
      aboutThis: object.about.sha256 === record.sha256,
    })),
  }
}

/** What the record itself says, and what others assessed; one target system, the one that the record names. */
function assessmentsOf(record: Of<'record'>, said: readonly Of<'statement'>[]): readonly Assessed[] {
  const target = targetOf(record.object)
  const own = record.object.assessments.map((one, i) =>
    assessed(one, `${record.publisher}/${record.object.id}#${i}`, target),
  )
  const others = said.flatMap(({ object, publisher }) =>
    object.kind === 'assessment' ? [assessed(object.assessment, keyOf(publisher, object.id), target)] : [],
  )
  return [...own, ...others].filter((one) => one !== null)
}

function assessed(one: Assessment, id: string, target: string): Assessed | null {
  const vector = readVector(one.vector)
  if ('code' in vector) return null
  const atMs = timeMs(one.at) ?? 0
  const panel = one.panel === null ? null : { id: one.panel, atMs }
  return { id, party: one.by, target, harm: one.harm, vector, tasks: one.uplift?.tasks ?? 0, panel, atMs }
}

/** Model and safeguard release together, as people read them. */
function targetOf({ affected }: JailbreakRecord): string {
  return affected
    .map(({ model, safeguard }) => `${model.vendor}/${model.name} ${model.version} (${safeguard.introduced ?? 'any'})`)
    .join(', ')
}
