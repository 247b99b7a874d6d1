import type { Case, CaseEvent } from '../core/jailbreaks/registry/case.ts'
import type { Drill, Roster } from '../core/jailbreaks/registry/duty.ts'
import type { RegistryRules } from '../core/jailbreaks/registry/standing.ts'

/** A roster as it was set, and by whom. */
export interface RosterRow {
  readonly roster: Roster
  readonly atMs: number
  readonly by: string
  readonly reason: string
}

/** An object as it left: the text that its hash names. */
export interface PublishedObject {
  readonly case: string
  readonly atMs: number
  readonly tlp: string
  readonly sha256: string
  readonly text: string
}

/** Cases, their history, what was published of them, and the duty desk. */
export interface RegistryStore {
  /** All cases, newest first. */
  cases(): Promise<readonly Case[]>
  case(id: string): Promise<Case | null>
  /** Greatest number given in a year; 0: none yet. */
  lastCaseNumber(year: number): Promise<number>
  /**
   * Writes a case with its line of history, and what was published, in one transaction. @param expected Version that was
   * read; null for a new case. @returns false when another change came first: then nothing of it is written.
   */
  changeCase(
    next: Case,
    expected: number | null,
    event: Omit<CaseEvent, 'seq'>,
    published?: PublishedObject,
  ): Promise<boolean>
  /** History of a case, oldest first. */
  caseEvents(id: string): Promise<readonly CaseEvent[]>
  /** What was published of a case, oldest first. */
  publishedOf(id: string): Promise<readonly PublishedObject[]>
  /** The roster in force, or null; earlier ones stay. */
  roster(): Promise<RosterRow | null>
  rosters(): Promise<readonly RosterRow[]>
  setRoster(row: RosterRow): Promise<void>
  /** Newest first. */
  drills(): Promise<readonly Drill[]>
  addDrill(drill: Drill): Promise<void>
  /** Of two who answer at once, the first stands. @returns false when the drill was answered already, or is unknown. */
  acknowledgeDrill(id: string, atMs: number, by: string): Promise<boolean>
}

/** Kinds of entries in the record that come from here. */
export type RegistryEntryKind = 'report' | 'statement' | 'assessment' | 'drill'

/** What the registry needs of the world. */
export interface RegistryPorts {
  readonly store: RegistryStore
  readonly rules: RegistryRules
  /**
   * Adds to the record, durably, before it resolves. `hash` is `sha256:` and hex; `data` is what the record's closed set
   * of members allows for that kind. Null: this instance keeps no record; the history in the store has the same lines.
   */
  readonly appendEntry:
    | ((kind: RegistryEntryKind, about: string, hash: string, data: Readonly<Record<string, unknown>>) => Promise<void>)
    | null
  /** First fault of an exchange object against its schema, or null. */
  schemaFault(kind: 'record', value: unknown): string | null
  /** SHA-256 of the text's UTF-8 bytes, hex. */
  sha256(text: string): string
  nowMs(): number
  newId(prefix: string): string
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}
