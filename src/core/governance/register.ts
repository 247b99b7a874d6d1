import { parseQuorum, type Quorum } from './quorum.ts'

export type AuthorityType =
  | 'technical'
  | 'policy'
  | 'legal'
  | 'external_regulator'
  | 'customer'
  | 'peers'
  | 'duty'
  | 'root'

/** Who may say yes or no, and as what. People outside of it can comment, and nothing else. */
export interface Authority {
  readonly id: string
  readonly type: AuthorityType
  readonly powers: readonly ('approve' | 'veto' | 'suspend' | 'lift' | 'comment')[]
  readonly people: readonly string[]
  /** They count for the first of `people`. */
  readonly deputies: readonly string[]
}

export interface Register {
  readonly authorities: readonly Authority[]
}

/** What a fresh install has: one person, who may do everything that one person may do. */
export const ONE_PERSON: Register = {
  authorities: [
    { id: 'operator', type: 'technical', powers: ['approve', 'veto', 'comment'], people: ['operator'], deputies: [] },
  ],
}

export type Tier = 0 | 1 | 2 | 3

/** What a release needs, by what it declares. */
export const TIER_QUORUMS: Readonly<Record<Tier, string>> = {
  0: 'none',
  1: '1 of peers',
  2: '1 of peers + 1 of technical',
  3: '2 of technical + policy + legal (no_objection 5 d)',
}

/** True while the register names one person only: nobody else can look, and all that is done is marked so. */
export function isSinglePerson({ authorities }: Register): boolean {
  return new Set(authorities.flatMap(({ people, deputies }) => [...people, ...deputies])).size <= 1
}

/** The quorum of a tier under this register; `closed` where one person alone may never decide. */
export function tierQuorum(tier: Tier, register: Register): Quorum | 'closed' {
  if (!isSinglePerson(register)) return parseQuorum(TIER_QUORUMS[tier])
  return tier === 3 ? 'closed' : []
}
