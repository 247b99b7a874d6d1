import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, type Dispatcher, request } from 'undici'
import { CodedError } from '../../core/base/errors.ts'
import type { Endpoint } from '../../core/jailbreaks/reproduction/plan.ts'
import type { Model, ModelReply } from '../../jobs/reproduce-ports.ts'
import { DIALECTS } from './dialects.ts'

/** A fault that asking again cannot mend: the run ends, and its log stays. */
export class ModelError extends CodedError<'model_refuses_us' | 'credential_missing'> {}

const MOST_BYTES = 8 << 20
const TRIES = 4
const FIRST_PAUSE_MS = 500
/** After so many questions in a row without an answer each is tried once: a model that is gone must not hold up a run. */
const GONE_AFTER = 10
const LONGEST_PAUSE_MS = 30_000

/**
 * A model behind an endpoint, over HTTP/1.1. No redirects are followed: a credential goes to one host. What is busy or
 * unreachable is tried four times, with pauses as it asks for; an answer that takes longer than its time is not.
 *
 * Which model answered is read from the gateway's headers where it stands between, else from the answer.
 * @throws {ModelError} `credential_missing`.
 */
export function openHttpModel(
  { protocol, url, model, key_env, concurrency }: Endpoint,
  env: Readonly<Record<string, string | undefined>>,
  firstPauseMs = FIRST_PAUSE_MS,
): Model & { close(): Promise<void> } {
  const key = key_env === null ? null : (env[key_env] ?? '')
  if (key === '') throw new ModelError('credential_missing', `\`key_env\`: the variable ${key_env} is not set`)
  const dialect = DIALECTS[protocol]
  const address = endpointOf(url, dialect.path)
  const dispatcher = new Agent({
    connections: concurrency,
    maxResponseSize: MOST_BYTES,
    bodyTimeout: 0,
    headersTimeout: 0,
  })
  let unanswered = 0
  return {
    concurrency,
    close: () => dispatcher.close(),
    async ask({ prompt, maxOutputTokens, timeoutMs, session }) {
      const body = JSON.stringify(dialect.body({ model, prompt, maxOutputTokens, session }))
      const most = unanswered >= GONE_AFTER ? 1 : TRIES
      for (let tries = 1; ; tries++) {
        const reply = await once(body, timeoutMs)
        if (reply.kind !== 'again') {
          unanswered = 0
          return reply
        }
        if (tries === most) {
          unanswered += 1
          return { kind: 'unavailable' }
        }
        await sleep(Math.min(LONGEST_PAUSE_MS, reply.pauseMs ?? firstPauseMs * 2 ** (tries - 1)))
      }
    },
  }

  async function once(
    body: string,
    timeoutMs: number,
  ): Promise<ModelReply | { kind: 'again'; pauseMs: number | null }> {
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const answer = await request(address, {
        method: 'POST',
        dispatcher,
        body,
        headers: { 'content-type': 'application/json', ...dialect.headers(key) },
        signal,
      })
      const text = await answer.body.text()
      if (answer.statusCode === 200) return read(text, answer.headers)
      return refusedBy(answer.statusCode, text, answer.headers)
    } catch (error) {
      if (error instanceof CodedError) throw error
      return signal.aborted ? { kind: 'timed_out' } : { kind: 'again', pauseMs: null }
    }
  }

  function read(
    text: string,
    headers: Dispatcher.ResponseData['headers'],
  ): ModelReply | { kind: 'again'; pauseMs: null } {
    const said = dialect.read(jsonOf(text))
    if (said === null) return { kind: 'again', pauseMs: null }
    const header = (name: string) => (typeof headers[name] === 'string' && headers[name] !== '' ? headers[name] : null)
    const action = header('x-sluice-action')
    return {
      kind: 'answered',
      text: said.text,
      refused: said.refused || action === 'refuse' || action === 'require_trust',
      inputTokens: said.inputTokens,
      outputTokens: said.outputTokens,
      servedModel: action === null ? said.model : header('x-sluice-served-model'),
      action,
      safeguard: header('x-sluice-safeguard'),
    }
  }

  function refusedBy(
    status: number,
    text: string,
    headers: Dispatcher.ResponseData['headers'],
  ): ModelReply | { kind: 'again'; pauseMs: number | null } {
    if (status === 408 || status === 409 || status === 429 || status >= 500) {
      const after = Number(headers['retry-after'])
      return { kind: 'again', pauseMs: after > 0 ? after * 1000 : null }
    }
    // Some providers decline with an error instead of an answer.
    if (status === 400 && /content_filter|content_policy|safety/.test(text))
      return {
        ...{ kind: 'answered', text: '', refused: true, inputTokens: 0, outputTokens: 0 },
        ...{ servedModel: null, action: null, safeguard: null },
      }
    throw new ModelError(
      'model_refuses_us',
      `\`${model}\` at ${new URL(address).host} answered with status ${status}; check \`url\`, \`model\` and \`key_env\``,
    )
  }
}

/** A base as clients write it (`…/v1`, or the host alone), or the endpoint itself. */
function endpointOf(base: string, path: string): string {
  const bare = base.replace(/\/+$/, '')
  if (bare.endsWith(`/${path}`)) return bare
  return bare.endsWith('/v1') ? `${bare}/${path}` : `${bare}/v1/${path}`
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
