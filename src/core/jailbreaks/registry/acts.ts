import type { Tlp } from '../exchange/tlp.ts'
import type { FiledAssessment, SaidText } from './case.ts'

/** Who does something to a case, and why. */
export interface Asking {
  readonly person: string
  readonly reason: string
}

/** What changes a case, but for overrides, which are signed. Each is one line of its history. */
export type Act =
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'triage' }
  | { readonly kind: 'reproduce' }
  | { readonly kind: 'assess'; readonly filed: Omit<FiledAssessment, 'id' | 'person' | 'atMs'> }
  /** Takes the action in force: the prescribed one, or that of an override that holds. */
  | { readonly kind: 'respond' }
  | { readonly kind: 'fix'; readonly release: string }
  /** A missing language of the summary. What is there is corrected by a statement, not edited. */
  | { readonly kind: 'translate'; readonly summary: SaidText }
  | { readonly kind: 'notify'; readonly vendor: string; readonly proof: string; readonly compelledBy: string | null }
  | { readonly kind: 'vendor_ack' }
  | { readonly kind: 'extend'; readonly days: number }
  | { readonly kind: 'authority'; readonly name: string; readonly ground: string; readonly sent: boolean }
  | { readonly kind: 'start_clock'; readonly clock: string; readonly sinceMs: number }
  | { readonly kind: 'meet_clock'; readonly clock: string }
  | {
      readonly kind: 'reply'
      readonly org: string
      readonly text: SaidText
      readonly status: string | null
      readonly evidence: readonly string[]
    }
  | { readonly kind: 'dispute'; readonly org: string; readonly claim: string; readonly evidence: readonly string[] }
  | { readonly kind: 'settle'; readonly statement: string }
  | {
      readonly kind: 'correct'
      readonly org: string
      readonly claim: string
      readonly wrong: string
      readonly right: string
      readonly briefs: readonly string[]
    }
  | { readonly kind: 'ask_withdrawal'; readonly org: string }
  | { readonly kind: 'answer_withdrawal'; readonly statement: string }
  | { readonly kind: 'publish'; readonly tlp: Tlp; readonly sha256: string }
  | { readonly kind: 'withdraw' }

export type ActKind = Act['kind']
