import type { Hex256, Time } from './texts.ts'
import type { Tlp } from './tlp.ts'

/** The frozen set of models against which uplift is measured; changed by a vote of the coalition only. */
export interface Panel {
  readonly id: string
  readonly version: number
  readonly date: Time
  readonly members: readonly PanelMember[]
  readonly taskset_sha256: Hex256
  readonly budget: { readonly attempts: number; readonly [name: string]: unknown }
  readonly vote: { readonly for: number; readonly against: number; readonly abstain: number }
  readonly supersedes: string | null
  readonly tlp?: Tlp
}

export interface PanelMember {
  readonly model: string
  readonly version: string
  /** Who needs vetting is no baseline (severity.md P3). */
  readonly access: 'open' | 'unvetted_api'
  readonly indices: readonly {
    readonly name: string
    readonly value: number
    readonly interval: readonly [number, number]
    readonly date: string
  }[]
}
