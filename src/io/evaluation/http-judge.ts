import { Agent, errors, request } from 'undici'
import type { EvalRow, Verdict } from '../../core/classifier/evaluation/row.ts'
import type { Judge } from '../../jobs/training-ports.ts'
import { codeOf } from '../file-fault.ts'
import { type HttpTarget, unavailable } from './target.ts'

export interface HttpJudgeSettings {
  readonly concurrency: number
  readonly timeoutMs: number
}

/** An answer longer than this says no verdict. */
const MOST_BYTES = 1 << 20

/** A judge that asks a target over HTTP/1.1. No redirects are followed: a credential goes to one host. */
export function openHttpJudge(
  target: HttpTarget,
  { concurrency, timeoutMs }: HttpJudgeSettings,
): Judge & { close(): Promise<void> } {
  const dispatcher = new Agent({
    connections: concurrency,
    connect: { timeout: timeoutMs },
    maxResponseSize: MOST_BYTES,
  })
  return {
    concurrency,
    verdict: (row) => ask(row),
    close: () => dispatcher.close(),
  }

  async function ask(row: EvalRow): Promise<Verdict> {
    const { body, headers, key } = target.request(row)
    try {
      const answer = await request(target.url, {
        method: 'POST',
        dispatcher,
        body,
        headers: { 'content-type': 'application/json', ...headers },
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (answer.statusCode !== 200) {
        await answer.body.dump()
        return unavailable('status', String(answer.statusCode))
      }
      return readable(await answer.body.text(), key)
    } catch (error) {
      if (error instanceof errors.ResponseExceededMaxSizeError) return unavailable('unreadable')
      return isTimeout(error) ? unavailable('timeout') : unavailable('unreachable', errorCode(error))
    }
  }

  function readable(text: string, key: string | undefined): Verdict {
    let answer: unknown
    try {
      answer = JSON.parse(text)
    } catch {
      return unavailable('unreadable')
    }
    return target.read(answer, key) ?? unavailable('unreadable')
  }
}

/** As in `ECONNREFUSED`. Only what looks like a code is one: a message may quote anything. */
function errorCode(error: unknown): string | undefined {
  const code = codeOf(error) || codeOf(error instanceof Error ? error.cause : null)
  return /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined
}

function isTimeout(error: unknown): boolean {
  return (
    (error instanceof Error && error.name === 'TimeoutError') ||
    error instanceof errors.ConnectTimeoutError ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError
  )
}
