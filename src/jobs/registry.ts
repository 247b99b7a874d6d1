import { canonicalJson } from '../core/base/canonical-json.ts'
import { mayBrief } from '../core/jailbreaks/exchange/may-brief.ts'
import { semanticFault } from '../core/jailbreaks/exchange/semantics.ts'
import { timeText } from '../core/jailbreaks/exchange/time.ts'
import { levelOf, type Tlp } from '../core/jailbreaks/exchange/tlp.ts'
import type { Act, Asking } from '../core/jailbreaks/registry/acts.ts'
import type { Case, CaseEvent } from '../core/jailbreaks/registry/case.ts'
import { type Clock, clocksOf, embargoEnds } from '../core/jailbreaks/registry/clocks.ts'
import { RegistryError } from '../core/jailbreaks/registry/errors.ts'
import { type Adjustment, parseIntake } from '../core/jailbreaks/registry/intake.ts'
import { caseId, newCase } from '../core/jailbreaks/registry/new-case.ts'
import { draftOverride, type OverrideAsked, signOverride } from '../core/jailbreaks/registry/override-acts.ts'
import { instrumentId } from '../core/jailbreaks/registry/override-terms.ts'
import { type Performed, perform } from '../core/jailbreaks/registry/perform.ts'
import { type Precedent, precedentsOf } from '../core/jailbreaks/registry/precedents.ts'
import { recordOf } from '../core/jailbreaks/registry/record-of.ts'
import { repliesOf } from '../core/jailbreaks/registry/replies.ts'
import { type CaseState, stateOf } from '../core/jailbreaks/registry/standing.ts'
import { type EntryDraft, hashName } from '../core/record/draft.ts'
import type { PublishedObject, RegistryPorts } from './registry-ports.ts'

/** Tries of a change that others came before. */
const TRIES = 5

type Line = Omit<CaseEvent, 'seq'>
type Decided = Performed & { readonly published?: PublishedObject }

/** A case and all that follows from it now. */
export interface CaseView {
  readonly case: Case
  readonly state: CaseState
  readonly clocks: readonly Clock[]
}

export type Registry = ReturnType<typeof createRegistry>

/**
 * The registry of jailbreak reports: the pure acts over the store. Every change starts from the version that was read,
 * is written together with its line of history, and is done again from the new state where another came first.
 */
export function createRegistry(ports: RegistryPorts) {
  const { store, rules } = ports

  const view = (one: Case): CaseView => {
    const nowMs = ports.nowMs()
    const state = stateOf(one, rules, nowMs)
    return { case: one, state, clocks: clocksOf(one, state, rules, nowMs) }
  }

  const find = async (id: string): Promise<Case> => {
    const one = await store.case(id)
    if (one === null) throw new RegistryError('not_found', `no report \`${id}\``, 'see `sluice report list`')
    return one
  }

  const tell = ({ kind, case: id, to }: Line) => ports.report(`report.${kind}`, { case: id, stage: to })

  const change = async (
    id: string,
    asking: Asking,
    kind: string,
    decide: (one: Case) => Decided | Promise<Decided>,
  ): Promise<CaseView> => {
    for (let tries = 0; tries < TRIES; tries++) {
      const before = await find(id)
      const { case: after, facts, by = asking.person, entries = [], ...written } = await decide(before)
      const next = { ...after, version: before.version + 1 }
      const line = eventOf(before, next, kind, { ...asking, person: by }, facts, ports.nowMs())
      const change = { ...written, event: line, entries: [entryOf(line, ports), ...entries] }
      if (!(await store.changeCase(next, before.version, change))) continue
      tell(line)
      return view(next)
    }
    throw new RegistryError('conflict', 'others changed this report at the same time', 'look at it again')
  }

  return {
    rules,
    list: async (): Promise<readonly CaseView[]> => (await store.cases()).map(view),
    show: async (id: string): Promise<CaseView> => view(await find(id)),
    history: (id: string) => store.caseEvents(id),
    published: (id: string) => store.publishedOf(id),

    intake: async (
      value: unknown,
      asking: Asking,
    ): Promise<CaseView & { readonly adjustments: readonly Adjustment[] }> => {
      const nowMs = ports.nowMs()
      const intake = parseIntake(value, nowMs, rules.statutoryHarms)
      const year = new Date(nowMs).getUTCFullYear()
      for (let tries = 0; tries < TRIES; tries++) {
        const id = caseId(year, (await store.lastCaseNumber(year)) + 1)
        const one = newCase(id, intake, asking, nowMs)
        const facts = { reporter: one.reporter.org, technique: one.technique.class, adjustments: intake.adjustments }
        const line = eventOf(one, one, 'intake', asking, facts, nowMs)
        if (!(await store.changeCase(one, null, { event: line, entries: [entryOf(line, ports)] }))) continue
        tell(line)
        return { ...view(one), adjustments: intake.adjustments }
      }
      throw new RegistryError('conflict', 'others filed reports at the same time', 'send it again')
    },

    act: (id: string, act: Exclude<Act, { kind: 'publish' }>, asking: Asking): Promise<CaseView> =>
      change(id, asking, act.kind, (one) => perform(one, act, asking, rules, ports.nowMs())),

    /** Drafts the text that two people sign; nothing of it is in force before both have. */
    draftOverride: (id: string, asked: Omit<OverrideAsked, 'id' | 'reason'>, asking: Asking): Promise<CaseView> =>
      change(id, asking, 'override', async (one) => {
        const nowMs = ports.nowMs()
        const year = new Date(nowMs).getUTCFullYear()
        const number = (await store.lastInstrumentNumber(year)) + 1
        const draft = { ...asked, id: instrumentId(year, number), reason: asking.reason }
        return draftOverride(one, draft, rules, ports.signing(), nowMs)
      }),

    /** Takes a signed envelope of one of the two, or of both. Who signs is told by the key alone. */
    signOverride: (id: string, signed: { readonly override: string; readonly envelope: string }): Promise<CaseView> =>
      change(id, { person: '', reason: 'signed' }, 'sign', (one) =>
        signOverride(one, signed, rules, ports.signing(), ports.nowMs()),
      ),

    /** An override of a case: the text that is signed, and the envelope once both have. */
    override: async (id: string, override: string) => {
      const found = (await find(id)).overrides.find((each) => each.id === override)
      if (found === undefined)
        throw new RegistryError('not_found', `no override \`${override}\` in ${id}`, 'see `sluice report show`')
      return { payload: found.payload, envelope: (await store.instrument(override))?.envelope ?? null }
    },
    people: () => ports.signing().people,

    /** Makes the object that travels, checks it as a partner would, and keeps it under its hash. */
    publish: async (id: string, tlp: Tlp, asking: Asking): Promise<CaseView & { readonly object: PublishedObject }> => {
      let object: PublishedObject | null = null
      const done = await change(id, asking, 'publish', (one) => {
        const nowMs = ports.nowMs()
        object = objectOf(one, tlp, ports, nowMs)
        const { sha256 } = object
        return { ...perform(one, { kind: 'publish', tlp, sha256 }, asking, rules, nowMs), published: object }
      })
      return { ...done, object: object! }
    },

    /** The object as it would leave now; nothing is written. @throws {RegistryError} `incomplete` */
    draftRecord: async (id: string) => {
      const one = await find(id)
      return recordOf(one, one.tlp, rules, ports.nowMs())
    },

    /** May an authority be briefed on it, and what is missing. */
    mayBrief: (one: Case) =>
      mayBrief(recordOf(bothLanguages(one), one.tlp, rules, ports.nowMs()), repliesOf(one), ports.nowMs()),

    precedents: async (id: string): Promise<readonly (Precedent & { readonly case: CaseView })[]> => {
      const [one, all] = [await find(id), await store.cases()]
      return precedentsOf(one, all).map((found) => ({
        ...found,
        case: view(all.find((each) => each.id === found.id)!),
      }))
    },
  }
}

function objectOf(one: Case, tlp: Tlp, ports: RegistryPorts, nowMs: number): PublishedObject {
  const object = recordOf(one, tlp, ports.rules, nowMs)
  const fault = ports.schemaFault('record', object)
  if (fault !== null) throw new RegistryError('incomplete', `the object does not fit its schema: ${fault}`, 'mend it')
  // As every partner will look at it: what they would set aside does not leave.
  const pointer = { t: 'record', id: object.id, modified: object.modified, sha256: '', len: 1 } as const
  const place = { publisher: ports.rules.self, level: levelOf(tlp), nowMs, knownAt: () => null }
  const wrong = semanticFault({ type: 'record', object }, pointer, place)
  if (wrong?.reason === 'embargoed')
    throw new RegistryError(
      'embargoed',
      `${one.id} is under embargo until ${timeText(embargoEnds(one))}`,
      'share it with partners at AMBER, or wait',
    )
  if (wrong !== null)
    throw new RegistryError(
      'incomplete',
      `partners would set it aside: ${wrong.detail}`,
      'mend it, or publish it at a stricter level',
    )
  const text = canonicalJson(object)
  return { case: one.id, atMs: nowMs, tlp, sha256: ports.sha256(text), text }
}

/** What a briefing lacks does not depend on a translation. */
function bothLanguages(one: Case): Case {
  const text = one.summary.en ?? one.summary.ja ?? ''
  return { ...one, summary: { en: one.summary.en ?? text, ja: one.summary.ja ?? text } }
}

function eventOf(
  before: Case,
  after: Case,
  kind: string,
  { person, reason }: Asking,
  facts: CaseEvent['facts'],
  atMs: number,
): Line {
  return { case: after.id, atMs, by: person, kind, from: before.stage, to: after.stage, reason, facts }
}

const SAID: ReadonlySet<string> = new Set([
  ...['reply', 'dispute', 'settle', 'correct', 'ask_withdrawal', 'answer_withdrawal', 'override', 'sign'],
])

/** What the record says of a line of history. The reason is a person's text and stays in the store: its hash is here. */
function entryOf(line: Line, { rules, sha256 }: RegistryPorts): EntryDraft {
  const object = hashName(sha256(canonicalJson(line)))
  const { vector, panel } = line.facts as { readonly vector?: string; readonly panel?: string | null }
  const more = { ...(vector === undefined ? {} : { vector }), ...(panel == null ? {} : { panel }) }
  const k = line.kind === 'assess' ? 'assessment' : SAID.has(line.kind) ? 'statement' : 'report'
  const d = { object, publisher: rules.self, kind: line.kind, ...more }
  return { k, who: 'system:registry', about: line.case, h: object, d }
}
