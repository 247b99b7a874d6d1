import type { Attempt } from '../core/jailbreaks/reproduction/attempt.ts'

/** What one question to a model came to. */
export type ModelReply =
  | {
      readonly kind: 'answered'
      readonly text: string
      /** Declined by the protocol's own word, or by the gateway's action. */
      readonly refused: boolean
      readonly inputTokens: number
      readonly outputTokens: number
      readonly servedModel: string | null
      /** `x-sluice-action` and `x-sluice-safeguard`, null where no gateway stood between. */
      readonly action: string | null
      readonly safeguard: string | null
    }
  /** Longer than the time given. */
  | { readonly kind: 'timed_out' }
  /** No answer after retries; asking later may give one. */
  | { readonly kind: 'unavailable' }

/** A model behind an endpoint. Each question is a session of its own. */
export interface Model {
  readonly concurrency: number
  /** @param session Opaque, unique per question: what a provider may tell sessions apart by. @throws on a fault that asking again cannot mend, such as a credential. */
  ask(question: {
    readonly prompt: string
    readonly maxOutputTokens: number
    readonly timeoutMs: number
    readonly session: string
  }): Promise<ModelReply>
}

/** What has been asked. Appending returns when the line is with the operating system, so a killed run asks nothing twice. */
export interface AttemptLog {
  readonly known: readonly Attempt[]
  append(attempt: Attempt): void
}

/** Runs an answer's code against a task's tests, with no files, network, processes, nor environment. */
export interface CodeRunner {
  passes(code: string, tests: string): Promise<boolean>
}
