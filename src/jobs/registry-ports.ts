import type { Case, CaseEvent, Instrument } from '../core/jailbreaks/registry/case.ts'
import type { Drill, Roster } from '../core/jailbreaks/registry/duty.ts'
import type { SigningTools } from '../core/jailbreaks/registry/override-acts.ts'
import type { RegistryRules } from '../core/jailbreaks/registry/standing.ts'
import type { EntryDraft } from '../core/record/draft.ts'

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

/** What is written together with a changed case, all of it or nothing. */
export interface CaseChange {
  readonly event: Omit<CaseEvent, 'seq'>
  readonly published?: PublishedObject
  /** Without an envelope it takes its number; with one, that is written once. */
  readonly instrument?: Instrument
  /** What the record says of it. */
  readonly entries: readonly EntryDraft[]
}

/** Cases, their history, what was published of them, and the duty desk. */
export interface RegistryStore {
  /** All cases, newest first. */
  cases(): Promise<readonly Case[]>
  case(id: string): Promise<Case | null>
  /** Greatest number given in a year; 0: none yet. */
  lastCaseNumber(year: number): Promise<number>
  /**
   * Writes a case with all that belongs to the change in one transaction. @param expected Version that was read; null for
   * a new case. @returns false when another change came first, or took the instrument's number: then nothing is written.
   */
  changeCase(next: Case, expected: number | null, change: CaseChange): Promise<boolean>
  /** History of a case, oldest first. */
  caseEvents(id: string): Promise<readonly CaseEvent[]>
  /** What was published of a case, oldest first. */
  publishedOf(id: string): Promise<readonly PublishedObject[]>
  /** Greatest number given to an instrument in a year; 0: none yet. */
  lastInstrumentNumber(year: number): Promise<number>
  instrument(id: string): Promise<Instrument | null>
  /** The roster in force, or null; earlier ones stay. */
  roster(): Promise<RosterRow | null>
  rosters(): Promise<readonly RosterRow[]>
  setRoster(row: RosterRow): Promise<void>
  /** Newest first. */
  drills(): Promise<readonly Drill[]>
  /** With its entry in the record, in one transaction. */
  addDrill(drill: Drill, entry: EntryDraft): Promise<void>
  /**
   * Of two who answer at once, the first stands, with its entry in the record. @returns false when the drill was answered
   * already, or is unknown: then nothing is written.
   */
  acknowledgeDrill(id: string, atMs: number, by: string, entry: EntryDraft): Promise<boolean>
}

/** What the registry needs of the world. */
export interface RegistryPorts {
  readonly store: RegistryStore
  readonly rules: RegistryRules
  /** Who may sign now: the configuration may have changed since. */
  signing(): SigningTools
  /** First fault of an exchange object against its schema, or null. */
  schemaFault(kind: 'record', value: unknown): string | null
  /** SHA-256 of the text's UTF-8 bytes, hex. */
  sha256(text: string): string
  nowMs(): number
  newId(prefix: string): string
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}
