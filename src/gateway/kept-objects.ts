import type { DecisionId } from '../core/base/ids.ts'
import type { SseEvent } from '../core/protocols/adapter.ts'
import { ProtocolError } from '../core/protocols/json.ts'
import {
  givenIds,
  idsGivenBy,
  likelyRefusals,
  MOST_KEPT_IDS,
  namedIds,
  refusalIds,
  refusalOf,
} from '../core/protocols/kept-objects.ts'
import type { Json } from '../core/protocols/values.ts'
import { NotFoundError, ownOf } from './batch-access.ts'
import type { Screening } from './passage.ts'
import type { Caller, Ports, WireRequest } from './ports.ts'

/** A request goes on from a refusal of ours, which no upstream knows. */
export class RefusalNamedError extends Error {
  readonly id: string
  constructor(id: string) {
    super('refusal named')
    this.id = id
  }
}

/**
 * Holds a request to what is its caller's own among the objects that the upstream keeps, and to what is there at all. Who
 * brings a credential of its own is told apart by the upstream.
 * @returns null where nothing has to be waited for.
 * @throws {NotFoundError} one of another organisation's, or of none; {ProtocolError} more ids than can be looked up;
 *   {RefusalNamedError}
 */
export function assertOwnNamed(value: Json, caller: Caller, request: WireRequest, ports: Ports): Promise<void> | null {
  const own = caller.credential === 'operator' ? assertOwn(namedIds(value), caller, request, ports) : null
  const likely = likelyRefusals(value)
  return likely.length === 0 ? own : assertNoRefusal(likely, own, caller, ports)
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

async function assertNoRefusal(likely: readonly string[], own: Promise<void> | null, caller: Caller, ports: Ports) {
  await own
  const [id] = await keptRefusals(likely, caller, ports)
  if (id !== undefined) throw new RefusalNamedError(id)
}

/** Of ids in the form of a refusal's of ours, those that are kept for this caller. An upstream's may look the same. */
export async function keptRefusals(ids: readonly string[], caller: Caller, ports: Ports): Promise<readonly string[]> {
  const kept = await ports.owners.among(
    caller.org,
    ids.map((id) => keptUnder(refusalOf(id)!, caller)),
  )
  return ids.filter((id) => kept.has(keptUnder(refusalOf(id)!, caller)))
}

/** Callers with credentials of their own share an organisation, but no account. */
function keptUnder(decision: DecisionId, caller: Caller): string {
  const own = ownOf(caller)
  return own === null ? decision : `${decision}.${own}`
}

/** What a whole answer gives belongs to its caller, here at once, and everywhere with its receipt. */
export function claimWhole(json: Json, passage: Screening, ports: Ports): void {
  if (passage.caller.credential !== 'operator') return
  claim(givenIds(json), passage, ports)
}

/** The same for an event. Its stream may go on for long before its receipt: others are told without it. */
export function claimEvent({ parsed }: SseEvent, passage: Screening, ports: Ports): void {
  if (passage.caller.credential !== 'operator' || parsed === undefined) return
  const fresh = claim(idsGivenBy(parsed), passage, ports)
  if (fresh.length > 0) ports.owners.tell(passage.caller.org, fresh)
}

/** A refusal of ours is kept as an upstream would keep the answer: on the surface that does, unless its caller says no. */
export function claimRefusal(passage: Screening, ports: Ports): void {
  if (passage.exchange.surface === 'responses' && passage.document.value.store !== false)
    claim([keptUnder(passage.ids.decision, passage.caller), ...refusalIds(passage.ulid)], passage, ports)
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
