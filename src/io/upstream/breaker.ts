/** When a host is taken for down, and how it is asked again. */
export interface BreakerSettings {
  /** Failures in a row that open it. */
  readonly failures: number
  /** How long nothing is asked before one request tries again. */
  readonly openMs: number
}

/**
 * A circuit breaker for one host: after enough failures in a row nothing is sent for a while; then single requests try,
 * and the first that succeeds closes it again.
 */
export class Breaker {
  #failures = 0
  #openUntilMs = 0
  #probing = false
  readonly #settings: BreakerSettings
  readonly #nowMs: () => number

  constructor(settings: BreakerSettings, nowMs: () => number) {
    this.#settings = settings
    this.#nowMs = nowMs
  }

  get state(): 'closed' | 'open' | 'half_open' {
    if (this.#failures < this.#settings.failures) return 'closed'
    return this.#nowMs() < this.#openUntilMs ? 'open' : 'half_open'
  }

  /** Asks to send; who gets true tells the outcome with `succeeded` or `failed`. */
  admits(): boolean {
    const { state } = this
    if (state === 'closed') return true
    if (state === 'open' || this.#probing) return false
    this.#probing = true
    return true
  }

  succeeded(): void {
    this.#failures = 0
    this.#probing = false
  }

  failed(): void {
    this.#probing = false
    if (++this.#failures >= this.#settings.failures) this.#openUntilMs = this.#nowMs() + this.#settings.openMs
  }

  /** Neither: the caller went away before there was an outcome. */
  withdrawn(): void {
    this.#probing = false
  }
}

/** Retries are a share of requests: when a host is ill, retries must not make it worse. */
export class RetryBudget {
  readonly #share: number
  readonly #most: number
  #tokens: number

  /** @param share Retries per request, e.g. 0.1. @param most Retries that may be saved up. */
  constructor(share: number, most: number) {
    this.#share = share
    this.#most = most
    this.#tokens = most
  }

  request(): void {
    this.#tokens = Math.min(this.#most, this.#tokens + this.#share)
  }

  /** @returns whether a retry may be made; it is counted then. */
  take(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
