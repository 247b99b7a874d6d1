import type { ArmPrice } from './assess.ts'

/** One thing to ask: so many tries at most, with a prompt of so many characters. */
export interface PlannedQuestion {
  readonly attempts: number
  readonly promptChars: number
  readonly price: ArmPrice
}

/** What a run costs at most: every try made, every answer as long as it may be. */
export interface Budget {
  readonly requests: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly usd: number
}

/** A token is seldom less than three characters; Japanese is nearer one, so one it is: an upper bound, not a guess. */
const CHARS_PER_TOKEN = 1

/** Upper bound of requests, tokens and money. Human time is not money that a run spends. */
export function budgetOf(questions: readonly PlannedQuestion[], maxOutputTokens: number): Budget {
  let [requests, inputTokens, outputTokens, microUsd] = [0, 0, 0, 0]
  for (const { attempts, promptChars, price } of questions) {
    const input = attempts * Math.ceil(promptChars / CHARS_PER_TOKEN)
    const output = attempts * maxOutputTokens
    requests += attempts
    inputTokens += input
    outputTokens += output
    microUsd += input * price.inputUsdPerMillion + output * price.outputUsdPerMillion
  }
  return { requests, inputTokens, outputTokens, usd: microUsd / 1e6 }
}
