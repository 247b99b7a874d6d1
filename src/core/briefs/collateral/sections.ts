import type { Share } from '../../base/clustered.ts'
import { DIMENSIONS } from '../../safeguards/collateral/columns.ts'
import type { CollateralReport, Gate } from '../../safeguards/collateral/report.ts'
import type { Slice } from '../../safeguards/collateral/slices.ts'
import { figures } from '../figures.ts'
import { limitText, valueText } from './gate-text.ts'
import { limitsOf } from './limits.ts'
import { count, percent, percentInterval, points, pointsInterval, pValue } from './numbers.ts'
import { barPlot, forestAxis, forestPlot, limitPlot, pairPlot } from './plots.ts'
import type { CollateralWords } from './words.ts'

const MOVEMENT_HUES = { newly_refused: 'refuse', newly_diverted: 'fall', newly_freed: 'allow', eased: 'fall' } as const
const ACTION_HUES = {
  allow: 'allow',
  flag: 'flag',
  fall_back: 'fall',
  require_trust: 'trust',
  refuse: 'refuse',
} as const
const ACTION_MARKS = { allow: '○', flag: '⚑', fall_back: '↳', require_trust: '◆', refuse: '■' } as const
/** Slices and requests on the page; the JSON has all. */
const MOST_SLICES = 12
const MOST_REQUESTS = 200

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
}

export function section(title: string, note: string, body: string): string {
  return `<section class="sec"><header><h2>${title}</h2><span class="note">${note}</span></header>${body}</section>`
}

export function movements(report: CollateralReport, words: CollateralWords): string {
  const names = ['newly_refused', 'newly_diverted', 'newly_freed', 'eased'] as const
  const shown = names.filter((name) => name !== 'eased' || report.movements.eased.requests.k > 0)
  const most = Math.max(1e-6, ...shown.map((name) => report.movements[name].requests.hi)) * 1.05
  const { column } = words
  const head = `<div class="row mv hd"><span>${column.movement}</span><span class="r">${column.requests}</span><span class="r">${column.ofRequests}</span><span></span><span class="r">${column.sessions}</span><span class="r">${column.ofSessions}</span><span class="r">${column.quality}</span></div>`
  const quality = report.diverted.quality
  const rows = shown.map((name) => {
    const { requests, sessions } = report.movements[name]
    const lost =
      name === 'newly_refused'
        ? words.noAnswer
        : name !== 'newly_diverted'
          ? '–'
          : quality === null
            ? words.notMeasured
            : `${points(quality.change / 100)} (${words.interval(points(quality.lo / 100), points(quality.hi / 100))})`
    return `<div class="row mv k-${MOVEMENT_HUES[name]}"><span class="act" data-m="${name === 'newly_refused' ? '■' : name === 'newly_freed' ? '○' : '↳'}">${words.movement[name]}</span><b class="r">${count(requests.k)}</b>${shareCell(requests, words)}<span class="pl">${barPlot({ ...requests, value: requests.share }, most)}</span><span class="r opt">${count(sessions.k)}</span>${shareCell(sessions, words)}<span class="r sm">${lost}</span></div>`
  })
  return head + rows.join('') + sharesAfter(report, words)
}

function shareCell(share: Share, words: CollateralWords): string {
  return `<span class="r"><b>${percent(share.share, words)}</b><br><span class="xs">${escaped(percentInterval(share, words))}</span></span>`
}

function sharesAfter(report: CollateralReport, words: CollateralWords): string {
  const { retained, usersUnchanged, mcnemar, superset } = report
  const of = (share: Share | null) =>
    share === null
      ? `<b class="txt">${words.notMeasured}</b>`
      : `<b>${percent(share.share, words)}</b> <span class="xs">${escaped(percentInterval(share, words))}, n ${count(share.n)}</span>`
  const budget = report.gates.find(({ name }) => name === 'retained')!
  const weighted =
    retained.weighted === null
      ? `<b class="txt">${words.notMeasured}</b>`
      : `<b>${percent(retained.weighted.value, words)}</b> <span class="xs">${escaped(percentInterval(retained.weighted, words))}</span>`
  const { worse, better, p } = mcnemar.sessions
  const cells: [string, string][] = [
    [words.figure.retainedBefore, of(retained.before)],
    [words.figure.retainedAfter, of(retained.after)],
    [words.figure.weighted, weighted],
    [
      words.figure.budget,
      `<b>${percent(budget.limit ?? 0, words)}</b> <span class="xs">${words.outcome[budget.outcome]}</span>`,
    ],
    [words.figure.users, of(usersUnchanged)],
    [words.figure.sessionsAfter, of(retained.sessionsAfter)],
    [
      words.figure.mcnemar,
      `<b class="txt">p ${pValue(p)}</b> <span class="xs">+${count(worse)} / −${count(better)}</span>`,
    ],
    [
      words.figure.superset,
      `<b class="txt">${superset.strictlyWorse ? words.superset.worse : words.superset[superset.relation]}</b>`,
    ],
  ]
  return `<dl class="kf">${cells.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`
}

export function gates(report: CollateralReport, words: CollateralWords): string {
  const { column } = words
  const head = `<div class="row gt hd"><span>${column.measure}</span><span class="r">n</span><span class="r">${column.limit}</span><span></span><span>${column.value}</span><span>${column.result}</span></div>`
  return head + report.gates.map((gate, i) => gateRow(gate, i + 1, words)).join('')
}

function gateRow(gate: Gate, number: number, words: CollateralWords): string {
  const { outcome, value, limit, n, needed } = gate
  const plot = value === null || limit === null ? '' : limitPlot(value, limit)
  const way =
    outcome === 'pass' && gate.reason === 'holds'
      ? ''
      : `<span class="way">${escaped(words.reason(gate, { n: count(n), needed: count(needed ?? 0) }))}</span>`
  return `<div class="row gt ${outcome === 'INCONCLUSIVE' ? 'inc' : ''}"><span>${number} ${words.gate[gate.name]}</span><span class="r opt">${n === 0 ? '–' : count(n)}</span><span class="r sm opt">${limitText(gate, words)}</span><span class="pl">${plot}</span><span class="sm wide">${escaped(valueText(gate, words))}</span>${result(outcome, words)}${way}</div>`
}

export function result(outcome: Gate['outcome'], words: CollateralWords): string {
  const hue = outcome === 'pass' ? 'allow' : outcome === 'fail' ? 'refuse' : 'ink'
  const mark = outcome === 'pass' ? '✓ ' : outcome === 'fail' ? '✕ ' : '<span class="inc-mark"></span>'
  return `<span class="res k-${hue}">${mark}${words.outcome[outcome]}</span>`
}

export function slices(report: CollateralReport, words: CollateralWords): string {
  const shown = DIMENSIONS.flatMap((dimension) => {
    const own = report.slices.filter((one) => one.dimension === dimension)
    return own.slice(0, MOST_SLICES)
  })
  const limit = report.sliceLimit
  const values = shown.filter(({ verdict }) => verdict !== 'INCONCLUSIVE').map(({ difference }) => difference)
  const from = Math.min(-limit, ...values.map(({ lo }) => lo)) - limit * 0.2
  const axis = { from: Math.max(-1, from), to: Math.min(1, Math.max(limit * 2, ...values.map(({ hi }) => hi))) }
  const most = Math.max(1, ...shown.map(({ requests }) => requests))
  const { column } = words
  const head = `<div class="row sl hd"><span>${column.slice}</span><span class="r">n</span><span class="r">${column.before}</span><span class="r">${column.after}</span><span>${forestAxis(axis)}</span><span class="r">${column.difference}</span><span class="r">${column.corrected}</span></div>`
  const rows = DIMENSIONS.map((dimension) => {
    const own = shown.filter((one) => one.dimension === dimension)
    if (own.length === 0) return ''
    return `<h3>${words.dimension[dimension]}</h3>${own.map((one) => sliceRow(one, limit, axis, one.requests / most, words)).join('')}`
  })
  return head + rows.join('')
}

function sliceRow(
  slice: Slice,
  limit: number,
  axis: { from: number; to: number },
  weight: number,
  words: CollateralWords,
): string {
  const { difference, verdict, requests, before, after, needed } = slice
  const { bound } = figures(words.lang)
  const hue = verdict === 'over' ? 'refuse' : difference.hi < 0 ? 'allow' : 'ink'
  const text =
    verdict === 'INCONCLUSIVE'
      ? `${result('INCONCLUSIVE', words)}<br><span class="xs">${pointsInterval(difference, words)}; n ≥ ${count(needed ?? 0)}</span>`
      : `<b>${points(difference.value)}</b> <span class="xs">${pointsInterval(difference, words)}</span>`
  return `<div class="row sl k-${hue} ${verdict === 'INCONCLUSIVE' ? 'inc' : ''}"><span>${escaped(slice.name)}</span><span class="r">${count(requests)}</span><span class="r opt">${escaped(bound(before.share, 2))}</span><span class="r opt">${escaped(bound(after.share, 2))}</span><span class="pl">${forestPlot(difference, limit, axis, weight)}</span><span class="r wide">${text}</span><span class="r sm opt">${pValue(slice.pCorrected)}</span></div>`
}

export function requests(report: CollateralReport, words: CollateralWords): string {
  const order = ['newly_refused', 'newly_diverted', 'newly_freed', 'eased', 'marked'] as const
  const sorted = order.flatMap((name) => report.moved.filter(({ movement }) => movement === name))
  const { column } = words
  const head = `<div class="row rq hd"><span>${column.request}</span><span>${column.movement}</span><span>${column.organisation}</span><span>${column.segment}</span><span>${column.category}</span></div>`
  const action = (one: keyof typeof ACTION_HUES) =>
    `<span class="act k-${ACTION_HUES[one]}" data-m="${ACTION_MARKS[one]}">${words.action[one]}</span>`
  const rows = sorted
    .slice(0, MOST_REQUESTS)
    .map(
      ({ id, before, after, org, segment, category }) =>
        `<div class="row rq"><span class="mono wide">${escaped(id)}</span><span class="wide">${action(before)} → ${action(after)}</span><span class="sm">${escaped(org)}</span><span class="sm">${escaped(segment)}</span><span class="sm">${escaped(category ?? '–')}</span></div>`,
    )
  const note = `<p class="note">${words.shown(count(Math.min(MOST_REQUESTS, sorted.length)), count(sorted.length))}</p>`
  return sorted.length === 0 ? `<p class="dim">${words.none}</p>` : head + rows.join('') + note
}

export function gains(report: CollateralReport, words: CollateralWords): string {
  if (report.attacks.length === 0) return `<p class="dim">${words.limits.oneSided}</p>`
  const { column } = words
  const head = `<div class="row gn hd"><span>${column.family}</span><span class="r">n</span><span>0–100%: ○ ${escaped(report.before.label)} ● ${escaped(report.after.label)}</span><span class="r">${column.difference}</span></div>`
  const rows = report.attacks.map(({ name, family, n, before, after, difference }) => {
    const unsure = difference.lo <= 0 && difference.hi >= 0
    return `<div class="row gn"><span>${family ? '“' : ''}${escaped(name)}${family ? '”' : ''}</span><span class="r">${count(n)}</span><span class="pl">${pairPlot(before, after)}</span><span class="r wide">${unsure ? '' : '<b>'}${points(difference.value)}${unsure ? '' : '</b>'} <span class="xs">${pointsInterval(difference, words)}</span></span></div>`
  })
  return head + rows.join('')
}

export function limits(report: CollateralReport, words: CollateralWords): string {
  const items = limitsOf(report, words).map(
    (item) => `<li><span class="inc-mark"></span><span>${escaped(item)}</span></li>`,
  )
  return `<ul class="nl">${items.join('')}</ul>`
}

export function costs(report: CollateralReport, words: CollateralWords): string {
  const { cost, madeFor, sunset, after } = report
  const ms = (us: number) => `${(us / 1000).toFixed(2)} ms`
  const facts: [string, string][] = [
    ...(cost === null
      ? []
      : ([
          ['p50', `${ms(cost.before.p50Us)} → ${ms(cost.after.p50Us)}`],
          ['p99', `${ms(cost.before.p99Us)} → ${ms(cost.after.p99Us)}`],
          ['n', count(cost.requests)],
          [words.figure.tokens, `${count(cost.tokensBefore)} → ${count(cost.tokensAfter)}`],
        ] as [string, string][])),
    [words.figure.madeFor, madeFor ?? words.none],
    [words.figure.sunset, sunset ?? words.none],
    [words.figure.hash, after.hash ?? words.none],
  ]
  return `<dl class="kf">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd class="mono">${escaped(value)}</dd></div>`).join('')}</dl>`
}
