import { hex } from '../../base/bytes.ts'
import { canonicalJson } from '../../base/canonical-json.ts'
import type { Sha256 } from '../../base/digest.ts'
import { utf8Bytes } from '../../base/utf8.ts'
import { type EntryDraft, hashName } from '../../record/draft.ts'
import { envelopeOf } from '../../record/dsse.ts'
import { isValidAt } from '../../record/person.ts'
import { timeText } from '../exchange/time.ts'
import { isAbovePrescription, overrideFaults } from '../severity/override.ts'
import { RESPONSES, type Response } from '../severity/response-table.ts'
import { parseVector } from '../severity/vector.ts'
import type { Case, SignedOverride } from './case.ts'
import { RegistryError } from './errors.ts'
import { type OverrideEvidence, type OverrideTerms, overridePayload, readOverrideTerms } from './override-terms.ts'
import type { Performed } from './perform.ts'
import { type RegistryRules, stateOf } from './standing.ts'
import {
  examineOverride,
  INSTRUMENT,
  MOST_OVERRIDE_DAYS,
  type OverrideRefusal,
  type Signers,
} from './verify-override.ts'

const SECOND_MS = 1000
const DAY_MS = 86_400_000
/** Signatures that an override needs: of two people. */
const NEEDED = 2

/** What somebody wants done in place of the prescribed action, for how long, and which two people will sign for it. */
export interface OverrideAsked {
  readonly id: string
  readonly action: string
  readonly people: readonly string[]
  readonly reason: string
  readonly expiresAtMs: number
}

export interface SigningTools extends Signers {
  readonly sha256: Sha256
}

/**
 * Drafts an override: from now on the case holds the text that both people sign. It does nothing before they have.
 * @throws {RegistryError} `override_refused`, `input_invalid`: what could never take effect is not drafted.
 */
export function draftOverride(
  one: Case,
  { id, action, people, reason, expiresAtMs }: OverrideAsked,
  rules: RegistryRules,
  { people: known, sha256 }: SigningTools,
  nowMs: number,
): Performed {
  if (one.stage === 'withdrawn') throw refused('withdrawn')
  if (!(RESPONSES as readonly string[]).includes(action))
    throw new RegistryError('input_invalid', `\`action\`: wanted one of ${RESPONSES.join(', ')}`, 'choose one of these')
  for (const each of people)
    if (!known.some((person) => person.id === each && person.keys.some((key) => isValidAt(key, nowMs))))
      throw new RegistryError(
        'input_invalid',
        `\`people\`: nobody \`${each}\` with a key that is valid now`,
        'name two of `sluice people list`; `sluice people key` makes a key',
      )
  const terms: OverrideTerms = {
    ...{ id, org: rules.self, record: one.id, by: people, action: action as Response, reason },
    prescribed: stateOf(one, rules, nowMs).prescription.action,
    evidence: evidenceOf(one, rules, nowMs, sha256),
    // In whole seconds, as they are written.
    issuedAtMs: Math.floor(nowMs / SECOND_MS) * SECOND_MS,
    expiresAtMs: Math.floor(expiresAtMs / SECOND_MS) * SECOND_MS,
  }
  const faults = overrideFaults(terms, nowMs)
  if (people.length !== NEEDED) throw refused('two_people')
  if (terms.expiresAtMs - terms.issuedAtMs > MOST_OVERRIDE_DAYS * DAY_MS) throw refused('too_long')
  if (faults.length > 0) throw refused(...faults)
  const payload = reason.isWellFormed() ? overridePayload(terms) : ''
  // What is stored can be read again, by whoever signs it and by whoever shows it.
  if (readOverrideTerms(payload) === null)
    throw new RegistryError(
      'input_invalid',
      'this cannot be written as a text to be signed',
      'give a reason of one line, at most 1,000 characters',
    )
  const override: SignedOverride = { id, payload, signatures: [] }
  return {
    case: { ...one, overrides: [...one.overrides, override] },
    facts: { override: id, action, signed: 0 },
    instrument: { id, type: 'override', about: one.id, atMs: nowMs, envelope: null },
  }
}

/**
 * Takes signatures over exactly the drafted text. With the second person's the override is in force: its envelope is
 * what the record names by its hash. Who signs is whose key it is; no name that somebody typed counts.
 * @param envelope DSSE, by one of them or by both.
 * @throws {RegistryError} `override_refused` with the refusals as codes of its faults; `input_invalid`: no such override.
 */
export function signOverride(
  one: Case,
  { override: id, envelope }: { readonly override: string; readonly envelope: string },
  rules: RegistryRules,
  tools: SigningTools,
  nowMs: number,
): Performed {
  const found = one.overrides.find((each) => each.id === id)
  if (found === undefined)
    throw new RegistryError('input_invalid', `no override \`${id}\` in ${one.id}`, 'see `sluice report show`')
  if (one.stage === 'withdrawn') throw refused('withdrawn')
  const given = examineOverride(envelope, tools, nowMs)
  if (given.kind === 'unreadable') throw refused(...given.refusals)
  if (given.payload !== found.payload) throw refused('payload_changed')
  // A signature that is here already may come again beside a new one: the second person signs the first one's envelope.
  const fresh = given.signers.filter(({ sig }) => !found.signatures.some((each) => each.sig === sig))
  const people = [...found.signatures, ...fresh].map(({ person }) => person)
  if (fresh.length === 0 || new Set(people).size < people.length) throw refused('signed_already')
  const signatures = [
    ...found.signatures,
    ...fresh.map(({ person, keyid, sig }) => ({ person, keyid, sig, atMs: nowMs })),
  ]
  const whole = envelopeOf(INSTRUMENT, utf8Bytes(found.payload), signatures)
  const complete = signatures.length >= NEEDED
  // Looked at as a whole: what was right when the first signed may not be so any more.
  const { refusals } = examineOverride(whole, tools, nowMs)
  const others = refusals.filter((each) => each !== 'two_people')
  // That a person is lacking is no fault of the first signature, and of the second one only where nothing else says why.
  const against = complete && others.length === 0 ? refusals : others
  if (against.length > 0) throw refused(...against)
  if (stateOf(one, rules, nowMs).prescription.action !== given.terms.prescribed) throw refused('prescription_changed')
  const signed = { ...found, signatures }
  const performed: Performed = {
    case: { ...one, overrides: one.overrides.map((each) => (each.id === id ? signed : each)) },
    facts: { override: id, action: given.terms.action, signed: signatures.length },
    by: fresh.map(({ person }) => person).join(', '),
  }
  if (!complete) return performed
  const sha256 = hex(tools.sha256(utf8Bytes(whole)))
  return {
    ...performed,
    facts: { ...performed.facts, envelope: hashName(sha256) },
    instrument: { id, type: 'override', about: one.id, atMs: nowMs, envelope: whole },
    entries: [entryOf(given.terms, sha256)],
  }
}

/** Assessments that count, each by its hash; where there is none, the report as it came: grade D. */
function evidenceOf(one: Case, rules: RegistryRules, nowMs: number, sha256: Sha256): readonly OverrideEvidence[] {
  const hash = (value: unknown) => hex(sha256(utf8Bytes(canonicalJson(value))))
  const counting = stateOf(one, rules, nowMs).cells.flatMap(({ cell }) => cell.counting.map(({ id }) => id))
  const assessed = one.assessments
    .filter(({ id }) => counting.includes(id))
    .map(
      (filed): OverrideEvidence => ({
        ...{ ref: `${one.id}/${filed.id}`, sha256: hash(filed), grade: parseVector(filed.vector).CF },
      }),
    )
  if (assessed.length > 0) return assessed
  const { id, reportedAtMs, technique, harm, affected, artefacts } = one
  return [{ ref: id, sha256: hash({ id, reportedAtMs, technique, harm, affected, artefacts }), grade: 'D' }]
}

/** What the record says of it: no reason, no name. */
function entryOf(terms: OverrideTerms, sha256: string): EntryDraft {
  const written = (ms: number) => timeText(ms).replace('Z', '.000Z')
  return {
    ...{ k: 'instrument', who: `authority:operator/${terms.by[0]}`, about: terms.id, h: hashName(sha256) },
    d: {
      ...{ type: 'override', scope: { records: [terms.record] }, effect: terms.action },
      ...{ start: written(terms.issuedAtMs), expiry: written(terms.expiresAtMs) },
      ...(isAbovePrescription(terms) ? { marks: ['above_prescription'] } : {}),
    },
    answers: [{ k: 'report', about: terms.record }],
  }
}

const NEXT: Readonly<Partial<Record<OverrideRefusal, string>>> = {
  decode: 'send the DSSE envelope that `sluice people sign` wrote',
  payload_type: 'sign with `sluice people sign`',
  terms: 'sign the text that `sluice report instrument --payload` gives, unchanged',
  payload_changed: 'sign the text that `sluice report instrument --payload` gives, unchanged',
  unknown_key: 'sign exactly this text with a key of `sluice people list`',
  not_named: 'one of the two whom it names must sign, or draft it again with other people',
  key_not_valid: 'sign with a key that is valid now; see `sluice people list`',
  signed_already: 'the other of the two signs next',
  two_people: 'name two different people, and let both sign',
  reason: 'give a reason of at least 10 characters',
  too_long: `at most ${MOST_OVERRIDE_DAYS} days; draft it again`,
  expiry: 'let it end after it begins',
  expired: 'draft it again',
  same_action: 'that is what the rules prescribe: `sluice report respond` takes it',
  statutory: 'what the law fixes is nobody’s to change; take the mandatory route',
  prescription_changed: 'the rules prescribe something else by now: look again, and draft it again',
  withdrawn: 'file a new report',
}

function refused(...refusals: readonly OverrideRefusal[]): RegistryError {
  const faults = refusals.map((code) => ({ field: 'override', code, at: null, message: NEXT[code] ?? code }))
  return new RegistryError(
    'override_refused',
    `override: ${refusals.join(', ')}`,
    faults.map(({ message }) => message).join('; '),
    faults,
  )
}
