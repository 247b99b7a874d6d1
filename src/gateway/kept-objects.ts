import type { SseEvent } from '../core/protocols/adapter.ts'
import { ProtocolError } from '../core/protocols/json.ts'
import { givenIds, idsGivenBy, MOST_KEPT_IDS, namedIds } from '../core/protocols/kept-objects.ts'
import { isRecord, type Json } from '../core/protocols/values.ts'
import { NotFoundError } from './batch-access.ts'
import type { Screening } from './passage.ts'
import type { Caller, Ports, WireRequest } from './ports.ts'

/**
 * Holds a request to what is its caller's own among the objects that the upstream keeps. Who brings a credential of its
 * own is told apart by the upstream.
 * @throws {NotFoundError} one of another organisation's, or of none; {ProtocolError} more ids than can be looked up.
 */
export function assertOwnNamed(value: Json, caller: Caller, request: WireRequest, ports: Ports): Promise<void> | null {
  return caller.credential === 'operator' ? assertOwn(namedIds(value), caller, request, ports) : null
}

/** The same for ids that stand elsewhere; null where nothing has to be waited for. @throws as above. */
export function assertOwn(
  ids: readonly string[],
  caller: Caller,
  { signal }: WireRequest,
  ports: Ports,
): Promise<void> | null {
  if (caller.credential !== 'operator' || ids.length === 0) return null
  const { sharedIds } = ports.state()
  const asked = sharedIds.size === 0 ? ids : ids.filter((id) => !sharedIds.has(id))
  if (asked.length > MOST_KEPT_IDS)
    throw new ProtocolError('body_invalid', `body names more than ${MOST_KEPT_IDS} objects that the upstream keeps`)
  return asked.length === 0 ? null : owned(asked, caller, signal, ports)
}

async function owned(ids: readonly string[], { org }: Caller, signal: AbortSignal, ports: Ports): Promise<void> {
  if (!(await ports.owners.owns(org, ids, signal))) throw new NotFoundError()
}

/** What a whole answer gives belongs to its caller, here at once, and everywhere with its receipt. */
export function claimWhole(json: unknown, passage: Screening, ports: Ports): void {
  if (passage.caller.credential !== 'operator' || !isRecord(json)) return
  claim(givenIds(json), passage, ports)
}

/** The same for an event. Its stream may go on for long before its receipt: others are told without it. */
export function claimEvent({ parsed }: SseEvent, passage: Screening, ports: Ports): void {
  if (passage.caller.credential !== 'operator' || parsed === undefined) return
  const fresh = claim(idsGivenBy(parsed), passage, ports)
  if (fresh.length > 0) ports.owners.tell(passage.caller.org, fresh)
}

function claim(ids: readonly string[], passage: Screening, ports: Ports): readonly string[] {
  if (ids.length === 0) return ids
  passage.given ??= new Set()
  const { given } = passage
  const fresh = ids.filter((id) => !given.has(id)).slice(0, MOST_KEPT_IDS - given.size)
  for (const id of fresh) given.add(id)
  ports.owners.claim(passage.caller.org, fresh)
  return fresh
}
