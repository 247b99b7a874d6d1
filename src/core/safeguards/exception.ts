import type { AppealId, DecisionId, OrgId, PrincipalId } from '../base/ids.ts'
import { LABELS, type ReasonCode } from '../base/reasons.ts'
import type { Scores } from '../classifier/types.ts'
import { askedOf, askedText } from '../conversation/asked.ts'
import type { Exchange, Role, TextPart, Turn } from '../conversation/exchange.ts'
import type { Finding, Place } from '../policy/finding.ts'

/**
 * What an overturned appeal gives at once (governance.md §5.3): for one key, the reasons named and a short time, the
 * findings of exactly those parts do not count. An edited part is a new part.
 */
export interface Exception {
  /** `exc_` and a ULID. */
  readonly id: string
  readonly appeal: AppealId
  readonly decision: DecisionId
  readonly org: OrgId
  readonly principal: PrincipalId
  /** What was overturned: the reason that decided, and those beside it that would have acted on the same parts. */
  readonly reasons: readonly ReasonCode[]
  /** Tenant-keyed hashes of (role, kind, decoded text). */
  readonly parts: readonly string[]
  readonly fromMs: number
  readonly untilMs: number
  readonly revokedAtMs: number | null
}

/** How long an exception holds unless whoever decides says otherwise: one day. */
export const EXCEPTION_MS = 86_400_000

/** Hash of one part under a secret of the organisation. */
export type PartDigest = (org: OrgId, role: Role, part: TextPart) => string

/** Exceptions at hand, by whom they are for. */
export interface ExceptionBook {
  readonly digest: PartDigest
  of(who: { readonly org: OrgId; readonly principal: PrincipalId }): readonly Exception[]
}

/** @returns null when there is none: a request then costs nothing more. */
export function exceptionBook(exceptions: readonly Exception[], digest: PartDigest): ExceptionBook | null {
  if (exceptions.length === 0) return null
  const byKey = Map.groupBy(exceptions, keyOf)
  return { digest, of: (who) => byKey.get(keyOf(who)) ?? [] }
}

/** True while it may be used. The end is exclusive. */
export function isActive({ fromMs, untilMs, revokedAtMs }: Exception, nowMs: number): boolean {
  return revokedAtMs === null && nowMs >= fromMs && nowMs < untilMs
}

/** What reading a request gives, as far as an exception changes it. */
export interface Reading {
  readonly findings: readonly Finding[]
  /** Scores of what is asked now; the answer is read together with them. */
  readonly asked: Scores | null
  /** Reasons for which nothing that is asked now counts; absent where no exception was used. */
  readonly excused?: readonly ReasonCode[]
}

/**
 * Reads a request under the exceptions of its caller: for the reasons of an exception the parts it names are as if they
 * were not there, for every other reason nothing changes. A `skipped` finding names each exception used, so that the
 * receipt says so. Controls read no text and are not found here: nothing lifts them.
 *
 * @param read Reads a request; called once more per reason for which a part is left out.
 */
export function excuse<R extends Reading>(
  exchange: Exchange,
  who: { readonly org: OrgId; readonly principal: PrincipalId },
  nowMs: number,
  book: ExceptionBook | null,
  read: (exchange: Exchange) => R,
): R {
  const whole = read(exchange)
  const held = book === null ? NONE : book.of(who).filter((one) => isActive(one, nowMs))
  if (book === null || held.length === 0) return whole
  const hashes = new Map<TextPart, string>()
  for (const { role, parts } of exchange.turns)
    for (const part of parts) if (part.kind === 'text') hashes.set(part, book.digest(who.org, role, part))
  const present = new Set(hashes.values())
  const used = held.filter(({ parts }) => parts.some((hash) => present.has(hash)))
  const asking = askedOf(exchange)
  const excused: ReasonCode[] = []
  let result = whole
  for (const reason of new Set(used.flatMap(({ reasons }) => reasons))) {
    const some = used.filter(({ reasons }) => reasons.includes(reason))
    const out = new Set(some.flatMap(({ parts }) => parts))
    const turns = exchange.turns.map(({ role, parts }) => ({
      role,
      parts: parts.filter((part) => part.kind !== 'text' || !out.has(hashes.get(part)!)),
    }))
    result = without(result, read({ ...exchange, turns }), reason)
    if (askedText({ ...exchange, turns }, asking) === '') excused.push(reason)
  }
  const named = used.map(({ id }) => ({ kind: 'skipped', detector: 'exception', stage: 'input', why: id }) as const)
  if (named.length === 0) return result
  return { ...result, findings: [...result.findings, ...named], ...(excused.length > 0 ? { excused } : {}) }
}

/**
 * Findings of detectors that read all that is asked now as one: they say nothing for the reasons that are excused in all
 * of it. Where something else is asked beside an excused part, their word stands, since nobody can tell what it is about.
 */
export function silenced(findings: readonly Finding[], excused: readonly ReasonCode[] | undefined): readonly Finding[] {
  if (excused === undefined) return findings
  const labels = excused.map((reason) => LABELS.indexOf(reason as (typeof LABELS)[number]))
  return findings.map((finding) => {
    if (finding.kind !== 'scored' || finding.stage !== 'input') return finding
    if (!finding.place.newest || finding.place.trust !== 'user') return finding
    return { ...finding, ppm: finding.ppm.map((ppm, i) => (labels.includes(i) ? 0 : ppm)) }
  })
}

/** `whole`, with everything that is said for `reason` said by `rest` instead. */
function without<R extends Reading>(whole: R, rest: R, reason: ReasonCode): R {
  const label = LABELS.indexOf(reason as (typeof LABELS)[number])
  const says = (finding: Finding) =>
    (finding.kind === 'rule' && `harm.${finding.category}` === reason) ||
    (finding.kind === 'family' && `attack.${finding.form}` === reason)
  const silent = whole.findings
    .filter((finding) => !says(finding))
    .map((finding) =>
      finding.kind === 'scored' && (finding.ppm[label] ?? 0) > 0
        ? { ...finding, ppm: finding.ppm.with(label, 0) }
        : finding,
    )
  const left = rest.findings.flatMap((finding) => {
    if (says(finding)) return [finding]
    if (finding.kind !== 'scored' || (finding.ppm[label] ?? 0) === 0) return []
    return [{ ...finding, ppm: finding.ppm.map((ppm, i) => (i === label ? ppm : 0)) }]
  })
  const asked = whole.asked === null || label < 0 ? whole.asked : whole.asked.with(label, rest.asked?.[label] ?? 0)
  return { ...whole, findings: [...silent, ...left], asked }
}

/**
 * The text parts that the findings at `where` were made of: what an exception may be bound to. Findings about an answer
 * (turn −1) have none: the next answer is another one.
 */
export function decidedParts(
  turns: readonly Turn[],
  where: readonly Place[],
): readonly { readonly role: Role; readonly part: TextPart }[] {
  const found = new Map<TextPart, { role: Role; part: TextPart }>()
  for (const { part: kind, trust, turn: from, newest } of where) {
    if (from < 0) continue
    for (let turn = from; turn < turns.length; turn++) {
      const { role, parts } = turns[turn]!
      // A step of the history ends where the other side speaks; what is new is read as one.
      if (!newest && turn > from && (role === 'assistant') !== (turns[turn - 1]!.role === 'assistant')) break
      for (const part of parts)
        if (part.kind === 'text' && part.place === kind && part.trust === trust) found.set(part, { role, part })
    }
  }
  return [...found.values()]
}

const NONE: readonly Exception[] = []

function keyOf({ org, principal }: { readonly org: OrgId; readonly principal: PrincipalId }): string {
  return `${org}\0${principal}`
}
