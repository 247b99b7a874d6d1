import { join } from 'node:path'
import { ownAnswers, unseenAnswers } from '../io/model/read-answers.ts'
import { everydayRequests } from '../io/model/read-everyday.ts'
import { ownRequests, unseenAttacks, unseenRequests } from '../io/model/read-requests.ts'
import { readSeeds } from '../io/model/read-seeds.ts'
import { ownWrappings, unseenWrappings } from '../io/model/read-wrappings.ts'
import { answerRows } from '../jobs/answer-rows.ts'
import {
  DEFAULT_EXPANSION,
  EVERYDAY_EXPANSION,
  expandPairs,
  type PairRow,
  REQUEST_EXPANSION,
} from '../jobs/pairs/expand.ts'
import type { TrainingRow } from '../jobs/training-ports.ts'
import { surroundings, WRAPPED, WRAPPED_UNSEEN, wrappedRows } from '../jobs/wrapped-rows.ts'

/** The project's own data, expanded: each set with what of it is held out, but for those that teach nothing. */
export interface OwnData {
  readonly pairs: readonly PairRow[]
  readonly requests: readonly PairRow[]
  readonly everyday: readonly PairRow[]
}

/** @param data The folder. @throws {SeedsError} */
export async function ownData(data: string, seed = DEFAULT_EXPANSION.seed): Promise<OwnData> {
  return {
    pairs: expandPairs(await readSeeds(join(data, 'pairs')), { ...DEFAULT_EXPANSION, seed }),
    requests: expandPairs(await ownRequests(data), { ...REQUEST_EXPANSION, seed }),
    everyday: expandPairs(await everydayRequests(data), { ...EVERYDAY_EXPANSION, seed }),
  }
}

/**
 * What a model learns from beside its labelled rows: what is not held out, some of all rows again, wrapped, and
 * what stands around them.
 *
 * @param rows Labelled rows of elsewhere. @throws {SeedsError}
 */
export async function learnedBeside(rows: readonly TrainingRow[], data: string): Promise<readonly TrainingRow[]> {
  const { pairs, requests, everyday } = await ownData(data)
  const own = [...pairs, ...requests, ...everyday].filter(({ split }) => split === 'train')
  const wrappings = await ownWrappings(data)
  return [
    ...own,
    ...wrappedRows([...rows, ...own], wrappings, WRAPPED),
    ...surroundings(wrappings),
    ...answerRows(await ownAnswers(data), 'train'),
  ]
}

/**
 * Suites by writers of whom nothing is learned: requests as they stand, the same inside wrappings of another such writer,
 * attacks on the assistant itself, and answers.
 */
export const UNSEEN_SUITES = ['unseen', 'wrapped', 'attacks', 'answers'] as const
export type UnseenSuite = (typeof UNSEEN_SUITES)[number]

/** @param data The folder. @throws {SeedsError} */
export async function unseenData(data: string): Promise<Readonly<Record<UnseenSuite, readonly PairRow[]>>> {
  const unseen = expandPairs(await unseenRequests(data), REQUEST_EXPANSION)
  return {
    unseen,
    wrapped: wrappedRows(unseen, await unseenWrappings(data), WRAPPED_UNSEEN),
    attacks: expandPairs(await unseenAttacks(data), REQUEST_EXPANSION),
    answers: answerRows(await unseenAnswers(data), 'dev'),
  }
}
