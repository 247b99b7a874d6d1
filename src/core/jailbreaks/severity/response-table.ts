import type { Level } from './levels.ts'
import type { Band } from './score.ts'

/** What the rules prescribe, mildest first; of several cells the last of these counts. */
export const RESPONSES = [
  'record',
  'ask_artefacts',
  'ordinary_release',
  'reproduce',
  'fix',
  'scoped_containment',
  'containment_narrowest',
  'containment_while_reproducing',
  'containment',
  'mandatory_route',
] as const
export type Response = (typeof RESPONSES)[number]

/** Responses that limit what is served. */
export const CONTAINMENTS: ReadonlySet<Response> = new Set([
  'scoped_containment',
  'containment_narrowest',
  'containment_while_reproducing',
  'containment',
])

/** One field of the table. Hours from the report; null where nothing of that kind is asked. */
export interface ResponseRow {
  readonly action: Response
  readonly vendorH: number | null
  readonly reproduceH: number | null
  readonly containH: number | null
  readonly fixH: number | null
  /** An authority is told as far as the law says so. */
  readonly authorities: boolean
}

/** A and B are reproduced by somebody else than the reporter; C has the reporter's artefacts; D has a word. */
export type Evidence = 'reproduced' | 'artefacts' | 'word'

export const EVIDENCE: Readonly<Record<Level<'CF'>, Evidence>> = {
  A: 'reproduced',
  B: 'reproduced',
  C: 'artefacts',
  D: 'word',
}

/** A law's clock. It runs by its own facts, whatever the score. */
export interface StatutoryClock {
  readonly law: string
  readonly clause: string
  readonly when: string
  readonly withinH: number
}

export interface ResponseTable {
  readonly rows: Readonly<Record<Band, Readonly<Record<Evidence, ResponseRow>>>>
  /** Where uplift is unknown and the row names no time to reproduce in. */
  readonly reproduceUnknownH: number
  /** A collateral report of a widened classifier after an emergency. */
  readonly collateralH: number
  readonly clocks: Readonly<Record<string, StatutoryClock>>
}

const DAY = 24
const none = { vendorH: null, reproduceH: null, containH: null, fixH: null, authorities: false }
const record: ResponseRow = { ...none, action: 'record' }
const ask: ResponseRow = { ...none, action: 'ask_artefacts' }
const ordinary: ResponseRow = { ...none, action: 'ordinary_release', vendorH: 7 * DAY }
const reproduce = (withinH: number): ResponseRow => ({ ...none, action: 'reproduce', reproduceH: withinH })

/**
 * The defaults. Numbers may be configured, the shape may not. The laws' clocks are for the operator's lawyers to check
 * before anybody relies on them.
 */
export const RESPONSE_TABLE: ResponseTable = {
  rows: {
    Info: { reproduced: record, artefacts: record, word: ask },
    Low: { reproduced: ordinary, artefacts: ordinary, word: ask },
    Medium: {
      reproduced: { ...none, action: 'fix', vendorH: 72, fixH: 30 * DAY },
      artefacts: reproduce(7 * DAY),
      word: reproduce(7 * DAY),
    },
    High: {
      reproduced: { ...none, action: 'scoped_containment', vendorH: 24, fixH: 7 * DAY },
      artefacts: reproduce(48),
      word: reproduce(24),
    },
    Critical: {
      reproduced: { ...none, action: 'containment', vendorH: 4, containH: 0, authorities: true },
      artefacts: { ...none, action: 'containment_while_reproducing', reproduceH: 72, containH: 72 },
      word: { ...none, action: 'containment_narrowest', reproduceH: 24, containH: 24 },
    },
  },
  reproduceUnknownH: 7 * DAY,
  collateralH: 72,
  clocks: {
    'us-ca-sb53': {
      law: 'California SB 53',
      clause: 'BPC § 22757.13',
      when: 'critical safety incident',
      withinH: 15 * DAY,
    },
    'us-ca-sb53-imminent': {
      law: 'California SB 53',
      clause: 'BPC § 22757.13',
      when: 'imminent risk of death or serious physical injury',
      withinH: DAY,
    },
    'eu-ai-act-73-widespread': {
      law: 'EU AI Act',
      clause: 'Art. 73',
      when: 'widespread infringement, or serious and irreversible disruption of critical infrastructure',
      withinH: 2 * DAY,
    },
    'eu-ai-act-73-death': { law: 'EU AI Act', clause: 'Art. 73', when: 'death of a person', withinH: 10 * DAY },
    'eu-ai-act-73': { law: 'EU AI Act', clause: 'Art. 73', when: 'other serious incident', withinH: 15 * DAY },
  },
}
