import type { WireReply, WireRequest } from '../gateway/ports.ts'
import type { Calls } from './control-link.ts'

/** A request for a public page, as it crosses between the threads. */
export interface PublicRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
}
export interface PublicReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Has a page that anybody may ask for answered by the control side. */
export async function publicPage(request: WireRequest, calls: Pick<Calls, 'ask'>): Promise<WireReply> {
  const { method, path, search, headers, bytes } = request
  const kept = Object.fromEntries(
    ['accept', 'accept-language', 'content-type'].flatMap((name) =>
      headers[name] === undefined ? [] : [[name, headers[name]!]],
    ),
  )
  const body = bytes.length > 0 ? new Uint8Array(bytes) : null
  return calls.ask<PublicReply>('page', { method, path: path + search, headers: kept, body } satisfies PublicRequest)
}
