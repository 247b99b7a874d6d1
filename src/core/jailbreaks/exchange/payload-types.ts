import type { TravellingInstrument } from './instrument.ts'
import type { Panel } from './panel.ts'
import type { Provider } from './provider.ts'
import type { JailbreakRecord } from './record.ts'
import type { Root } from './root.ts'
import type { Statement } from './statement.ts'

/** Everything that travels signed, by its kind. */
export interface Payloads {
  readonly record: JailbreakRecord
  readonly statement: Statement
  readonly panel: Panel
  readonly instrument: TravellingInstrument
  readonly root: Root
  readonly provider: Provider
}

export type PayloadKind = keyof Payloads
export const PAYLOAD_KINDS = ['record', 'statement', 'panel', 'instrument', 'root', 'provider'] as const

export function payloadType(kind: PayloadKind): string {
  return `application/vnd.sluice.${kind}+json;v=1`
}

/** Kind of a registered payload type, or null. */
export function payloadKind(type: string): PayloadKind | null {
  return PAYLOAD_KINDS.find((kind) => payloadType(kind) === type) ?? null
}
