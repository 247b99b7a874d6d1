import type { ComposeContext } from '../core/protocols/adapter.ts'
import { appealUrl } from './notice.ts'
import type { Passage, Screening } from './passage.ts'
import type { Headers, Ports } from './ports.ts'
import type { Served } from './response-headers.ts'
import { effective, NO_GUARD, type Outcome } from './settle.ts'

/** An outcome in which no model answered; spread and refined. */
export const NOTHING: Outcome = {
  servedModel: null,
  usage: null,
  guard: NO_GUARD,
  status: 0,
  end: 'error',
  upstreamRefusal: false,
  vendorCategory: null,
  upstreamRequestId: null,
  answer: [],
  charsScored: 0,
}

export function composeContext(passage: Passage, servedModel: string | null): ComposeContext {
  return {
    ulid: passage.ulid,
    createdAtSeconds: Math.floor(passage.atMs / 1000),
    servedModel,
    declined: passage.declined,
    credit: passage.credit,
  }
}

export function servedFacts(passage: Screening, ports: Ports, some: Partial<Served>): Served {
  const decision = effective(passage)
  return {
    decision,
    guard: 'none',
    servedModel: null,
    appealUrl: decision.action === 'allow' ? null : appealUrl(passage, ports),
    nowMs: ports.clock.monotonicMs(),
    ...some,
  }
}

export function requestIdOf(headers: Headers): string | null {
  const id = headers['request-id'] ?? headers['x-request-id']
  return typeof id === 'string' ? id : null
}

export function requestIdHeader(passage: Screening): Record<string, string> {
  return { [passage.dialect === 'anthropic' ? 'request-id' : 'x-request-id']: passage.ids.request }
}

export function composedHeaders(passage: Screening, stream: boolean): Record<string, string> {
  const type = stream ? 'text/event-stream; charset=utf-8' : 'application/json'
  return {
    'content-type': type,
    ...(stream ? { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' } : {}),
    ...requestIdHeader(passage),
  }
}
