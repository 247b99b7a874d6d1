import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import { checkedDraft, type EntryDraft } from '../../core/record/draft.ts'
import { isHashName } from '../../core/record/entry-kinds.ts'
import type { Exception } from '../../core/safeguards/exception.ts'
import type { Release, ReleaseMove } from '../../core/safeguards/release.ts'
import type { ApiKey } from '../../core/trust/api-key.ts'
import type { ModeRow } from '../../jobs/ports.ts'
import type { AppealEvent, AppealRow, LabelRow, ReviewItem } from '../../jobs/review-ports.ts'
import { addDrafts } from './record-queries.ts'
import type { Tables } from './schema.ts'

/**
 * What every change of state says in the record. Called within the transaction of the change, so that neither is without
 * the other. Reasons and notes are people's words, and stay outside.
 */
type Tx = Kysely<Tables>

/** Actors that are no people. */
const SYSTEM = new Set(['system', 'configuration', 'clock', 'guard'])

/** Who acted, as an entry may say it: people by a pseudonym that only this store resolves. */
async function actor(tx: Tx, name: string, as: 'authority' | 'org' = 'authority'): Promise<string> {
  if (SYSTEM.has(name) || name === '') return `system:${name === '' ? 'unknown' : name}`
  await tx
    .insertInto('record_people')
    .values({ name, pseudonym: `u-${randomBytes(6).toString('hex')}` })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const query = tx.selectFrom('record_people').select('pseudonym').where('name', '=', name)
  const { pseudonym } = await query.executeTakeFirstOrThrow()
  return as === 'org' ? `org:${pseudonym}` : `authority:operator/${pseudonym}`
}

const tell = (tx: Tx, ...drafts: readonly EntryDraft[]) => addDrafts(tx, drafts.map(checkedDraft))

/** Texts that callers and operators choose may be longer than an entry takes. */
const short = (text: string) => text.slice(0, 200)
const hashOr = (name: string, hash: string | null | undefined) => (isHashName(hash) ? { [name]: hash } : {})

export async function tellReleaseMoves(
  tx: Tx,
  moves: readonly Omit<ReleaseMove, 'seq'>[],
  releases: readonly Release[],
): Promise<void> {
  for (const move of moves) {
    const release = releases.find(({ id }) => id === move.release)
    if (release === undefined) continue
    const label = release.label ?? release.pastLabels.at(-1)?.label
    const gates = Object.fromEntries(release.gates.map(({ id, outcome }) => [id, outcome]))
    await tell(tx, {
      k: 'safeguard',
      who: await actor(tx, move.by),
      about: release.id,
      ...(isHashName(move.manifest) ? { h: move.manifest } : {}),
      d: {
        ...{ move: move.kind, from: move.from, to: move.to, slot: release.slot },
        ...(label === undefined ? {} : { label }),
        ...hashOr('bundle', release.bundle),
        ...hashOr('manifest', move.manifest),
        ...(release.gates.length === 0 ? {} : { gates }),
        single_person: move.singlePerson,
      },
      answers: [{ k: 'safeguard', about: release.id }],
    })
  }
}

/** @param before The mode that it follows; null: none was recorded. */
export async function tellMode(tx: Tx, { mode, by }: ModeRow, before: string | null): Promise<void> {
  await tell(tx, {
    k: 'safeguard',
    who: await actor(tx, by),
    about: 'mode',
    d: { move: 'mode', from: before ?? 'none', to: mode, slot: '*' },
    answers: [{ k: 'safeguard', about: 'mode' }],
  })
}

export async function tellAppeal(
  tx: Tx,
  { id, decision, verdict }: Pick<AppealRow, 'id' | 'decision' | 'verdict'>,
  { by, move, from, to }: Pick<AppealEvent, 'by' | 'move' | 'from' | 'to'>,
): Promise<void> {
  const callers = move === 'file' || move === 'withdraw'
  await tell(tx, {
    k: 'appeal',
    who: await actor(tx, by, callers ? 'org' : 'authority'),
    about: id,
    d: {
      ...{ appeal: id, decision, move, from, to, role: callers ? 'appellant' : 'reviewer' },
      ...(move === 'decide' && verdict !== null ? { outcome: to } : {}),
    },
    answers: [move === 'file' ? { k: 'decision', about: decision } : { k: 'appeal', about: id }],
  })
}

export async function tellException(
  tx: Tx,
  { id, appeal, decision }: Pick<Exception, 'id' | 'appeal' | 'decision'>,
  move: 'exception' | 'exception_revoked',
): Promise<void> {
  const [from, to] = move === 'exception' ? ['none', 'active'] : ['active', 'revoked']
  await tell(tx, {
    k: 'appeal',
    who: 'system:appeals',
    about: id,
    d: { appeal, decision, move, from, to, role: 'system' },
    answers: [move === 'exception' ? { k: 'appeal', about: appeal } : { k: 'appeal', about: id }],
  })
}

export async function tellLabels(tx: Tx, labels: readonly LabelRow[], outcome: 'given' | 'revoked'): Promise<void> {
  for (const one of labels) {
    const by = outcome === 'given' ? one.by : (one.revokedBy ?? one.by)
    await tell(tx, {
      k: 'label',
      who: await actor(tx, by),
      about: one.id,
      d: {
        ...{ label: one.label, category: one.category, decision: one.decision },
        ...(one.item === null ? {} : { item: one.item }),
        ...{ source: one.source, outcome, role: one.source === 'appeal' ? 'appeals' : 'reviewer' },
      },
      answers: [outcome === 'given' ? { k: 'decision', about: one.decision } : { k: 'label', about: one.id }],
    })
  }
}

/** Items that a person's words have closed. */
export async function tellReviews(
  tx: Tx,
  items: readonly Pick<ReviewItem, 'id' | 'state' | 'label'>[],
  labels: readonly LabelRow[],
): Promise<void> {
  for (const { id, state, label } of items) {
    const word = labels.findLast(({ item }) => item === id)
    if (state !== 'done' || word === undefined) continue
    const { decision, by } = word
    await tell(tx, {
      k: 'review',
      who: await actor(tx, by),
      about: id,
      d: { item: id, decision, outcome: label ?? 'none', role: 'reviewer' },
      answers: [{ k: 'label', about: word.id }],
    })
  }
}

export async function tellKey(tx: Tx, { id }: Pick<ApiKey, 'id'>, move: 'made' | 'revoked'): Promise<void> {
  await tell(tx, {
    k: 'key',
    who: 'system:keys',
    about: short(id),
    d: { key: short(id), move, purpose: 'api' },
    answers: move === 'made' ? [] : [{ k: 'key', about: short(id) }],
  })
}
