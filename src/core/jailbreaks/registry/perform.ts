import type { EntryDraft } from '../../record/draft.ts'
import { STATUSES } from '../exchange/statement.ts'
import { timeText } from '../exchange/time.ts'
import { formatVector } from '../severity/vector.ts'
import type { Act, Asking } from './acts.ts'
import type { Case, CaseStatement, FiledAssessment, Instrument, Stage } from './case.ts'
import { embargoEnds, MOST_EXTENSION_DAYS } from './clocks.ts'
import { RegistryError } from './errors.ts'
import { asMeasurements, assertCarries, vectorOf } from './evidence.ts'
import { isHarm } from './intake.ts'
import { severityWordsIn } from './severity-words.ts'
import { isOpen, movesFrom, type StageMove, stageOf } from './stage.ts'
import { type RegistryRules, stateOf } from './standing.ts'

/** What an act makes of a case, and what its line in the history says besides. */
export interface Performed {
  readonly case: Case
  readonly facts: Readonly<Record<string, unknown>>
  /** Whose act it is, where a key says so and not a name that was given. */
  readonly by?: string
  readonly instrument?: Instrument
  /** What the record says of it besides the line of history. */
  readonly entries?: readonly EntryDraft[]
}

/** What is still done to a tombstone: it reaches whoever has the report, and what is wrong with it may be said. */
const AFTER_WITHDRAWAL: ReadonlySet<Act['kind']> = new Set(['publish', 'reply', 'correct', 'answer_withdrawal'])

/**
 * One act on one case. Pure: who, when and why come in, the next case goes out; nothing that was said is taken away.
 * @throws {RegistryError} the act is not open, or what it brings does not hold.
 */
export function perform(one: Case, act: Act, asking: Asking, rules: RegistryRules, nowMs: number): Performed {
  if (one.stage === 'withdrawn' && !AFTER_WITHDRAWAL.has(act.kind))
    throw new RegistryError('illegal', `${one.id} was withdrawn`, 'file a new report')
  switch (act.kind) {
    case 'acknowledge':
      return moved(one, 'acknowledge', 'acknowledged', { acknowledged: { atMs: nowMs, by: asking.person } })
    case 'triage':
      return moved(one, 'triage', 'triage')
    case 'reproduce':
      return reproduce(one, nowMs)
    case 'assess':
      return assess(one, act.filed, asking, rules, nowMs)
    case 'respond':
      return respond(one, rules, nowMs)
    case 'fix':
      return moved(one, 'fix', 'fixed', { fixed: { atMs: nowMs, release: act.release } }, { release: act.release })
    case 'translate':
      return translate(one, act.summary)
    case 'notify':
      return notify(one, act, nowMs)
    case 'vendor_ack':
      return changed({ ...one, vendor: { ...one.vendor, ackAtMs: one.vendor.ackAtMs ?? nowMs } })
    case 'extend':
      return extend(one, act.days, asking)
    case 'authority':
      return authority(one, act, nowMs)
    case 'start_clock':
      if (!Object.hasOwn(rules.table.clocks, act.clock))
        throw invalid(`no clock \`${act.clock}\``, `one of ${Object.keys(rules.table.clocks).join(', ')}`)
      if (one.clocks.some(({ clock }) => clock === act.clock)) throw invalid(`\`${act.clock}\` runs already`)
      return changed(
        { ...one, clocks: [...one.clocks, { clock: act.clock, sinceMs: act.sinceMs, metAtMs: null }] },
        { clock: act.clock },
      )
    case 'meet_clock':
      return meetClock(one, act.clock, nowMs)
    case 'reply':
    case 'dispute':
    case 'correct':
    case 'ask_withdrawal':
      return said(one, statementOf(one, act, asking, nowMs))
    case 'settle':
      return answered(one, act.statement, 'dispute', (each) =>
        each.kind === 'dispute' ? { ...each, settledAtMs: nowMs } : each,
      )
    case 'answer_withdrawal':
      return answered(one, act.statement, 'withdrawal_request', (each) =>
        each.kind === 'withdrawal_request' ? { ...each, answeredAtMs: nowMs } : each,
      )
    case 'publish':
      return publish(one, act, nowMs)
    case 'withdraw':
      return moved(one, 'withdraw', 'withdrawn', { withdrawn: { atMs: nowMs, reason: asking.reason } })
  }
}

function moved(
  one: Case,
  move: StageMove,
  stage: Stage,
  more: Partial<Case> = {},
  facts: Performed['facts'] = {},
): Performed {
  assertOpen(one, move)
  return { case: { ...one, ...more, stage }, facts }
}

function assertOpen(one: Case, move: StageMove): void {
  if (isOpen(move, one.stage)) return
  const open = movesFrom(one.stage)
  throw new RegistryError(
    'illegal',
    `${one.id} is ${one.stage}: \`${move}\` is not open`,
    `open now: ${open.join(', ') || 'nothing'}`,
  )
}

function changed(one: Case, facts: Performed['facts'] = {}): Performed {
  return { case: one, facts }
}

function invalid(message: string, next = 'mend it and send it again'): RegistryError {
  return new RegistryError('input_invalid', message, next)
}

function reproduce(one: Case, nowMs: number): Performed {
  assertOpen(one, 'reproduce')
  if (one.technique.statutory)
    throw new RegistryError('statutory', 'what the law fixes is not reproduced here', 'take the mandatory route')
  // What limits service goes on while it is looked into.
  const stays = one.stage === 'contained' || one.stage === 'fixed' || one.stage === 'published'
  return changed({ ...one, stage: stays ? one.stage : 'reproducing', reproducedSinceMs: nowMs })
}

function assess(
  one: Case,
  filed: Omit<FiledAssessment, 'id' | 'person' | 'atMs'>,
  { person }: Asking,
  rules: RegistryRules,
  nowMs: number,
): Performed {
  assertOpen(one, 'assess')
  if (one.technique.statutory)
    throw new RegistryError(
      'statutory',
      `the law fixes the handling of ${one.harm}: it is never scored`,
      'take the mandatory route',
    )
  if (!isHarm(filed.harm)) throw invalid(`no harm class \`${filed.harm}\``)
  const vector = vectorOf(filed.vector)
  const measured = filed.measured === null ? null : asMeasurements(filed.measured, filed.panel, nowMs)
  assertCarries(vector, measured, filed.by, one.reporter.org)
  const id = `A${one.assessments.length + 1}`
  const own: FiledAssessment = { ...filed, vector: formatVector(vector), id, person, atMs: nowMs }
  const next = { ...one, assessments: [...one.assessments, own] }
  const { tenths } = stateOf(next, rules, nowMs).headline
  return {
    case: { ...next, stage: afterAssessment(one, next, rules, nowMs) },
    facts: { assessment: id, by: filed.by, tenths, vector: own.vector, panel: own.panel?.ref ?? null },
  }
}

/** A case that was answered stays so while the rules ask for the same; otherwise somebody must look again. */
function afterAssessment(before: Case, after: Case, rules: RegistryRules, nowMs: number): Stage {
  const answered = before.stage === 'recorded' || before.stage === 'scheduled' || before.stage === 'contained'
  if (before.stage === 'published' || before.stage === 'fixed') return before.stage
  return answered && stageOf(stateOf(after, rules, nowMs).action) === before.stage ? before.stage : 'assessed'
}

function respond(one: Case, rules: RegistryRules, nowMs: number): Performed {
  assertOpen(one, 'respond')
  const { action, override } = stateOf(one, rules, nowMs)
  const stage = stageOf(action)
  if (stage === null)
    throw new RegistryError(
      'illegal',
      `the rules ask for \`${action}\`: there is nothing to decide yet`,
      action === 'reproduce' ? 'reproduce it, then assess it' : 'ask the reporter for artefacts or a vector',
    )
  if (one.technique.statutory && !one.authorities.some(({ sentAtMs }) => sentAtMs !== null))
    throw new RegistryError(
      'clocks_open',
      'no authority was told yet',
      'tell it, then `sluice report authority ID --sent`',
    )
  return changed(
    { ...one, stage, response: { atMs: nowMs, action, override: override?.id ?? null } },
    { action, override: override?.id ?? null },
  )
}

function translate(one: Case, summary: Case['summary']): Performed {
  for (const lang of ['en', 'ja'] as const) {
    const text = summary[lang]
    if (text === undefined) continue
    if (one.summary[lang] !== undefined)
      throw invalid(`\`summary.${lang}\` is there`, 'say what is wrong with a correction: `sluice report correct`')
    if (text.trim() === '' || Array.from(text).length > 200)
      throw invalid(`\`summary.${lang}\`: wanted 1 to 200 characters`)
    const word = severityWordsIn(text)[0]
    if (word !== undefined) throw invalid(`\`summary.${lang}\` at ${word.at}: \`${word.word}\` is a word of severity`)
  }
  return changed({ ...one, summary: { ...one.summary, ...summary } }, { languages: Object.keys(summary) })
}

function notify(one: Case, act: Extract<Act, { kind: 'notify' }>, nowMs: number): Performed {
  if (one.vendor.replyOffered !== null) throw invalid('the vendor was told already')
  if (!/^sha256:[0-9a-f]{64}$/.test(act.proof))
    throw invalid('`proof`: wanted sha256: and the hash of what was sent', 'hash the message to the vendor')
  return changed(
    {
      ...one,
      vendor: {
        ...one.vendor,
        org: act.vendor,
        notifiedAtMs: nowMs,
        replyOffered: { atMs: nowMs, proof: act.proof, compelledBy: act.compelledBy },
      },
    },
    { vendor: act.vendor, proof: act.proof },
  )
}

function extend(one: Case, days: number, { reason }: Asking): Performed {
  if (one.vendor.extension !== null)
    throw invalid('the one extension was given already', 'the embargo ends as it stands')
  if (!Number.isInteger(days) || days < 1 || days > MOST_EXTENSION_DAYS)
    throw invalid(`\`days\`: wanted 1 to ${MOST_EXTENSION_DAYS}`)
  return changed({ ...one, vendor: { ...one.vendor, extension: { days, reason } } }, { days })
}

function authority(one: Case, act: Extract<Act, { kind: 'authority' }>, nowMs: number): Performed {
  if (act.ground !== 'voluntary' && !act.ground.startsWith('law:'))
    throw invalid('`ground`: wanted voluntary, or law: and what compels')
  const sentAtMs = act.sent ? nowMs : null
  const rest = one.authorities.filter(({ name }) => name !== act.name)
  return changed(
    { ...one, authorities: [...rest, { name: act.name, ground: act.ground, sentAtMs }] },
    { name: act.name, ground: act.ground, sent: act.sent },
  )
}

function meetClock(one: Case, clock: string, nowMs: number): Performed {
  if (!one.clocks.some((each) => each.clock === clock && each.metAtMs === null))
    throw invalid(`no clock \`${clock}\` runs`)
  const clocks = one.clocks.map((each) =>
    each.clock === clock && each.metAtMs === null ? { ...each, metAtMs: nowMs } : each,
  )
  return changed({ ...one, clocks }, { clock })
}

type Saying = Extract<Act, { kind: 'reply' | 'dispute' | 'correct' | 'ask_withdrawal' }>

function statementOf(one: Case, act: Saying, { person, reason }: Asking, nowMs: number): CaseStatement {
  const head = { id: `S${one.statements.length + 1}`, by: act.org, person, atMs: nowMs }
  switch (act.kind) {
    case 'reply': {
      if (act.text.en === undefined && act.text.ja === undefined) throw invalid('`text`: wanted {en} or {ja}, or both')
      if (act.status !== null && !(STATUSES as readonly string[]).includes(act.status))
        throw invalid(`\`status\`: wanted one of ${STATUSES.join(', ')}`)
      return { ...head, kind: 'reply', text: act.text, status: act.status, evidence: act.evidence }
    }
    case 'dispute':
      return { ...head, kind: 'dispute', claim: act.claim, reason, evidence: act.evidence, settledAtMs: null }
    case 'correct':
      return { ...head, kind: 'correction', claim: act.claim, wrong: act.wrong, right: act.right, briefs: act.briefs }
    case 'ask_withdrawal':
      return { ...head, kind: 'withdrawal_request', reason, answeredAtMs: null }
  }
}

function said(one: Case, statement: CaseStatement): Performed {
  return changed(
    { ...one, statements: [...one.statements, statement] },
    { statement: statement.id, says: statement.kind, org: statement.by },
  )
}

function answered(
  one: Case,
  id: string,
  kind: CaseStatement['kind'],
  change: (each: CaseStatement) => CaseStatement,
): Performed {
  const found = one.statements.find((each) => each.id === id && each.kind === kind)
  if (found === undefined) throw invalid(`no ${kind} \`${id}\` in ${one.id}`)
  const statements = one.statements.map((each) => (each.id === id ? change(each) : each))
  return changed({ ...one, statements }, { statement: id })
}

function publish(one: Case, { tlp, sha256 }: Extract<Act, { kind: 'publish' }>, nowMs: number): Performed {
  if (one.stage === 'received')
    throw new RegistryError('illegal', `${one.id} is not acknowledged yet`, 'acknowledge it first')
  const publications = [...one.publications, { atMs: nowMs, tlp, sha256 }]
  if (one.withdrawn !== null) {
    if (!one.publications.some((each) => each.tlp === tlp))
      throw new RegistryError('illegal', `${one.id} was withdrawn and has not been at ${tlp}`, 'publish where it was')
    return changed({ ...one, publications }, { tlp, sha256, tombstone: true })
  }
  if (tlp !== 'CLEAR') return changed({ ...one, tlp, publications }, { tlp, sha256 })
  const endsMs = embargoEnds(one)
  if (nowMs < endsMs)
    throw new RegistryError(
      'embargoed',
      `${one.id} is under embargo until ${timeText(endsMs)}`,
      'share it with partners at AMBER, or wait',
    )
  return moved({ ...one, tlp, publications }, 'publish', 'published', {}, { tlp, sha256 })
}
