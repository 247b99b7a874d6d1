import type { Dialect } from '../core/conversation/exchange.ts'
import type { Decision } from '../core/policy/decision.ts'
import type { GuardMode } from '../core/policy/guard-mode.ts'
import { rank } from '../core/policy/policy.ts'
import { choosesAccess, isForeign } from '../core/protocols/native-access.ts'
import { releaseOf } from '../core/safeguards/slots.ts'
import type { Screening } from './passage.ts'
import type { Caller, GatewayState, Headers } from './ports.ts'

/** Headers that concern one connection, not the message (RFC 9110 §7.6.1), and those that the transport writes itself. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authorization',
  'host',
  'content-length',
  'expect',
  // A cookie belongs to the host it was set for, and Sluice is not that host.
  'cookie',
])

/**
 * What goes upstream: the caller's headers without those that end here, or that another vendor alone understands. The
 * answer is asked for uncompressed, since it is read on its way back.
 * @param own False for an edited body: it was written anew, so the caller's content-encoding no longer holds.
 * @param credential `operator`: what the caller sent is a key of Sluice, which ends here, and with it every choice among
 *   what an account has.
 */
export function upstreamHeaders(
  headers: Readonly<Record<string, string>>,
  own: boolean,
  credential: Caller['credential'],
  dialect: Dialect,
): Record<string, string> {
  const named = headers['connection']
  const dropped = named === undefined ? null : new Set(named.toLowerCase().split(/\s*,\s*/))
  const forwarded: Record<string, string> = {}
  for (const name in headers) {
    if (HOP_BY_HOP.has(name) || name.startsWith('x-sluice-') || dropped?.has(name)) continue
    if (!own && name === 'content-encoding') continue
    if (isForeign(name, dialect) || (credential === 'operator' && choosesAccess(name))) continue
    if (name === 'authorization' || name === 'x-api-key') {
      // A key of Sluice ends here, also one that came beside the credential that counted.
      if (credential === 'operator' || OWN_KEY.test(headers[name]!)) continue
    }
    forwarded[name] = headers[name]!
  }
  forwarded['accept-encoding'] = 'identity'
  return forwarded
}

const OWN_KEY = /(?:^|[\s,])(?:slk_|sldt_)/

export interface Served {
  readonly decision: Decision
  readonly guard: GuardMode | 'none'
  readonly servedModel: string | null
  readonly appealUrl: string | null
  readonly nowMs: number
}

/** The `x-sluice-*` headers of every answer (wire.md §3.2); ASCII, capped, nothing from a prompt. */
export function sluiceHeaders(passage: Screening, served: Served, upstream: Headers | null): Record<string, string> {
  const { decision } = served
  const full = passage.caller.settings.detail === 'full'
  const above = rank(decision.action) > rank('flag')
  const headers: Record<string, string> = {
    'x-sluice-decision-id': passage.ids.decision,
    'x-sluice-action': decision.action === 'flag' && !full ? 'allow' : decision.action,
    'x-sluice-mode': passage.mode === 'enforce' ? passage.state.arm : 'observe',
    'x-sluice-safeguard': releaseOf(passage.state.safeguard.releases, decision),
    'x-sluice-requested-model': plain(passage.exchange.model),
    'x-sluice-served-model': plain(served.servedModel ?? ''),
    'x-sluice-overhead-ms': ((passage.sentMs ?? served.nowMs) - passage.request.arrivedMs).toFixed(2),
  }
  if (passage.exchange.stream) headers['x-sluice-guard'] = served.guard
  if (above && decision.category !== null) headers['x-sluice-category'] = decision.category
  if (above && decision.reason !== null && passage.caller.settings.detail !== 'minimal')
    headers['x-sluice-reason'] = decision.reason
  if (above && served.appealUrl !== null) headers['x-sluice-appeal'] = served.appealUrl
  if (decision.degraded.length > 0) headers['x-sluice-degraded'] = decision.degraded.join(',')
  const id = upstream?.['request-id'] ?? upstream?.['x-request-id']
  if (typeof id === 'string') headers['x-sluice-upstream-request-id'] = plain(id)
  return headers
}

const RATE_LIMIT = /^(anthropic-)?(x-)?ratelimit-/

/** The upstream's headers as the caller gets them. */
export function passedHeaders(
  upstream: Headers,
  { stripRateLimitHeaders }: Pick<GatewayState, 'stripRateLimitHeaders'>,
): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {}
  const { connection } = upstream
  const dropped =
    connection === undefined
      ? null
      : new Set(
          String(connection)
            .toLowerCase()
            .split(/\s*,\s*/),
        )
  for (const name in upstream) {
    if (HOP_BY_HOP.has(name) || name === 'set-cookie' || name.startsWith('x-sluice-') || dropped?.has(name)) continue
    if (stripRateLimitHeaders && RATE_LIMIT.test(name)) continue
    headers[name] = upstream[name]!
  }
  return headers
}

/** Printable ASCII, at most 256 characters: what a model or an upstream named cannot split a header or a log line. */
function plain(value: string): string {
  return encodeURI(value.slice(0, 256).toWellFormed()).slice(0, 256)
}
