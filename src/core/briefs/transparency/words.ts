import type { FigureState, QueryName, Section } from './queries.ts'

/** Everything a transparency report says, in one language. A sentence that is missing does not compile. */
export interface TransparencyWords {
  readonly lang: 'en' | 'ja'
  title(month: string): string
  lede(origin: string, from: string, until: string): string
  readonly incomplete: (knownUntil: string) => string
  readonly withdrawn: (reason: string) => string
  /** How numbers are hidden. */
  readonly suppression: string
  readonly section: Readonly<
    Record<Section | 'releases' | 'acts' | 'alarms' | 'corrections' | 'proof' | 'queries', string>
  >
  readonly query: Readonly<Record<QueryName, string>>
  /** Numbers that are not shown. */
  readonly state: Readonly<Record<Exclude<FigureState, 'shown'>, string>>
  readonly total: string
  readonly of: { readonly value: string; readonly share: string; readonly interval: string; readonly query: string }
  readonly column: Readonly<Record<'index' | 'at' | 'about' | 'what' | 'entries' | 'kinds' | 'how', string>>
  /** Rows and columns of closed lists; what is not named here is a code and stays as it is. */
  readonly names: Readonly<Record<string, string>>
  readonly none: string
  readonly unit: Readonly<Record<'hours' | 'ms', string>>
  proof(size: string, root: string): string
  readonly anyEntries: string
}
