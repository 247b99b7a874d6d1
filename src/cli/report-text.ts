import type {
  PrecedentList,
  ReplyState,
  ReportDetail,
  ReportList,
  ReportRow,
  ReportTaken,
} from '../admin/report-contract.ts'
import { asMeasurements } from '../core/jailbreaks/registry/evidence.ts'
import { termsOf } from '../core/jailbreaks/registry/override-terms.ts'
import type { Headline } from '../core/jailbreaks/registry/standing.ts'
import { explain } from '../core/jailbreaks/severity/explain.ts'
import { scoreText } from '../core/jailbreaks/severity/score.ts'
import { parseVector } from '../core/jailbreaks/severity/vector.ts'
import { table } from './command.ts'

/** Reports as a terminal shows them. */

export function listText({ items }: ReportList): string {
  if (items.length === 0) return 'no reports\n'
  const head = ['report', 'score', 'grade', 'stage', 'prescribed', 'due', 'vendor reply', 'technique']
  const rows = items.map((row) => [
    row.id,
    marked(row),
    row.grade ?? '–',
    row.stage,
    row.overridden ? `${row.action} (override)` : row.action,
    row.clock === null
      ? '–'
      : `${row.clock.kind} ${row.clock.state === 'overdue' ? 'OVERDUE' : stamp(row.clock.dueMs)}`,
    replyText(row.reply),
    row.technique,
  ])
  return table([head, ...rows])
}

export function headText({ row, case: one }: ReportDetail): string {
  return `${one.id} is ${row.stage}: ${marked(row)}; ${row.overridden ? 'override' : 'prescribed'}: ${row.action}; reply: ${replyText(row.reply)}\n`
}

export function takenText({ report, adjustments }: ReportTaken): string {
  return `${headText(report)}${adjustments.map((one) => `${ADJUSTED[one]}\n`).join('')}${clocksText(report)}`
}

const ADJUSTED: Readonly<Record<ReportTaken['adjustments'][number], string>> = {
  no_vector: 'no vector and no artefacts: kept as grade D with UP:?; send either so that it can be computed',
  grade_lowered: "the grade was lowered: a reporter's own word is D, with artefacts C",
  statutory_unscored: 'the law fixes the handling of this class: it is not scored and takes the mandatory route',
}

export function detailText(detail: ReportDetail): string {
  const { row, case: one, cells, prescription, history } = detail
  const facts = table([
    ['report', one.id],
    ['score', marked(row)],
    ['stage', row.stage],
    ['summary', one.summary.en ?? one.summary.ja ?? ''],
    ['reporter', `${one.reporter.org} (${one.reporter.contact})`],
    ['technique', `${one.technique.class}${one.technique.statutory ? ', statutory' : ''}`],
    ['harm', one.harm],
    ['shared at', `TLP:${one.tlp}`],
    ['prescribed', prescription.action],
    ...one.overrides.map((each) => {
      const { action, expiresAtMs, reason } = termsOf(each)
      const by = each.signatures.map(({ person }) => person).join(' and ')
      return [
        `override ${each.id}`,
        `${action}, signed by ${by || 'nobody yet'}, until ${stamp(expiresAtMs)}: ${reason}`,
      ]
    }),
    ...(prescription.forbidden.length === 0
      ? []
      : [['not first', `class-wide block; instead ${prescription.instead.join(', ')}`]]),
    ['vendor reply', replyText(row.reply)],
    [
      'authorities',
      detail.mayBrief.allowed
        ? 'may be briefed'
        : `not yet: ${detail.mayBrief.missing.map(({ what }) => what).join(', ')}`,
    ],
  ])
  const assessments = cells.flatMap(({ assessments: all, consensus, disputed, harm }) => [
    ...all.map((each) => [
      each.id,
      each.by,
      harm,
      each.vector,
      `${each.tenths === null ? '–' : scoreText(each.tenths)} ${intervalText(each.interval)}`,
      each.supersededBy === null ? (each.stale ? 'stale' : 'counts') : `superseded by ${each.supersededBy}`,
    ]),
    ...(all.filter(({ supersededBy }) => supersededBy === null).length < 2
      ? []
      : [['', 'together', harm, consensus, disputed ? 'DISPUTED' : '', '']]),
  ])
  const said = one.statements.map((each) => [each.id, each.kind, each.by, stamp(each.atMs), wordsOf(each)])
  const lines = history.map((each) => [stamp(each.atMs), each.by, each.kind, `${each.from} → ${each.to}`, each.reason])
  return [
    facts,
    explained(detail),
    assessments.length === 0 ? '' : `\n${table([['id', 'by', 'harm', 'vector', 'score', ''], ...assessments])}`,
    clocksText(detail),
    said.length === 0 ? '' : `\n${table([['id', 'statement', 'by', 'at', ''], ...said])}`,
    `\n${table([['at', 'by', 'act', 'stage', 'reason'], ...lines])}`,
  ].join('')
}

export function precedentsText({ weights, items }: PrecedentList): string {
  const rank = `likeness = ${weights.technique} technique + ${weights.vector} vector + ${weights.model} model family\n`
  if (items.length === 0) return `${rank}no earlier report is like it\n`
  const rows = items.map(({ id, likeness, sameTechnique, vectorLikeness, sameModelFamily, row }) => [
    ...[id, likeness.toFixed(2), sameTechnique ? 'same' : '–', vectorLikeness?.toFixed(2) ?? '–'],
    ...[sameModelFamily ? 'same' : '–', marked(row), row.stage],
  ])
  return rank + table([['report', 'likeness', 'technique', 'vector', 'model', 'score', 'stage'], ...rows])
}

/** `1.3 Low [0.0, 1.4]`, or that nothing behind it was measured; where there is no number, why, and what it could at most be. */
export function scoreOf({ tenths, upper, band, interval }: Headline): string {
  if (tenths === null || band === null) return `– [0.0, ${scoreText(upper)}]`
  return `${scoreText(tenths)} ${band} ${intervalText(interval)}`
}

function intervalText(interval: readonly [number, number] | null): string {
  return interval === null ? '(asserted, not measured)' : `[${range(interval)}]`
}

function marked(row: ReportRow): string {
  if (row.statutory) return 'statutory, not scored'
  const marks = [...(row.disputed ? ['disputed'] : []), ...(row.stale ? ['stale'] : [])]
  return [scoreOf(row.headline), ...marks].join(', ')
}

function range([low, high]: readonly [number, number]): string {
  return `${scoreText(low)}, ${scoreText(high)}`
}

function replyText({ vendor, offeredAtMs, untilMs, replies }: ReplyState): string {
  const last = replies[0]
  if (last !== undefined) return `${last.by}, ${stamp(last.atMs)}`
  if (offeredAtMs === null) return vendor === null ? '–' : `${vendor}: not asked yet`
  return `${vendor ?? 'vendor'}: until ${stamp(untilMs ?? offeredAtMs)}`
}

function explained({ row, case: one, nowMs }: ReportDetail): string {
  const filed = one.assessments.find(({ id }) => id === row.headline.assessment)
  if (filed === undefined) return ''
  const measured =
    filed.measured === null ? null : asMeasurements(filed.measured, filed.panel, nowMs, `${one.id}/${filed.id}`)
  const { text, notes } = explain(parseVector(filed.vector), measured, 'en')
  return `\n${text}\n${notes.map((note) => `${note.text}\n`).join('')}`
}

function clocksText({ clocks }: ReportDetail): string {
  const rows = clocks.map(({ kind, name, dueMs, metMs, state }) => [
    name === null || kind !== 'statutory' ? kind : name,
    state === 'overdue' ? 'OVERDUE' : state,
    stamp(dueMs),
    metMs === null ? '' : stamp(metMs),
  ])
  return rows.length === 0 ? '' : `\n${table([['clock', 'state', 'due', 'met'], ...rows])}`
}

function wordsOf(each: ReportDetail['case']['statements'][number]): string {
  switch (each.kind) {
    case 'reply':
      return each.text.en ?? each.text.ja ?? ''
    case 'dispute':
      return `${each.claim}: ${each.reason}${each.settledAtMs === null ? '' : ' (settled)'}`
    case 'correction':
      return `${each.claim}: not ${each.wrong}, but ${each.right}`
    case 'withdrawal_request':
      return `${each.reason}${each.answeredAtMs === null ? '' : ' (answered)'}`
  }
}

function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`
}
