import type { CollateralReport } from '../../safeguards/collateral/report.ts'
import { en } from './en.ts'
import { ja } from './ja.ts'
import { bare, count } from './numbers.ts'
import { costs, escaped, gains, gates, limits, movements, requests, result, section, slices } from './sections.ts'
import { STYLE } from './style.ts'
import type { CollateralWords } from './words.ts'

export const COLLATERAL_WORDS: Readonly<Record<'en' | 'ja', CollateralWords>> = { en, ja }

/** The finding in one sentence, as heading of the page and first line in a terminal. */
export function headingOf(report: CollateralReport, words: CollateralWords): string {
  const { value } = report.retained.difference
  return words.heading(report.after.label, bare(value), Math.sign(value) as -1 | 0 | 1, report.outcome)
}

export function ledeOf(report: CollateralReport, words: CollateralWords): string {
  const { traffic, window, before, after, source } = report
  return words.lede({
    ...{ before: before.label, after: after.label, source },
    requests: count(traffic.requests),
    sessions: count(traffic.sessions),
    organisations: count(traffic.organisations),
    window: window === null ? null : words.interval(day(window.sinceMs), day(window.untilMs)),
  })
}

/**
 * A collateral report as one page that needs nothing else: no script, no font, no picture from anywhere. Light and dark by
 * the reader's setting, readable from 390 px on, and on paper. Holds ids and counts, no conversation text.
 */
export function collateralPage(report: CollateralReport, lang: 'en' | 'ja'): string {
  const words = COLLATERAL_WORDS[lang]
  const failed = report.gates.filter(({ outcome }) => outcome !== 'pass')
  const hue = report.outcome === 'pass' ? 'allow' : report.outcome === 'fail' ? 'refuse' : 'ink'
  const blocked = failed.map((gate) => `<span>${result(gate.outcome, words)} ${words.gate[gate.name]}</span>`)
  const banner = `<div class="bar-note k-${hue}">${result(report.outcome, words)}${report.outcome === 'pass' ? '' : blocked.join('')}</div>`
  const { section: title, note } = words
  const body = [
    `<h1>${escaped(headingOf(report, words))}</h1><p class="lede">${escaped(ledeOf(report, words))}</p>${banner}`,
    section(title.movements, note.movements, movements(report, words)),
    section(title.gates, note.gates, gates(report, words)),
    section(title.slices, `${note.slices} · ${words.freed} · ${words.taken}`, slices(report, words)),
    section(title.requests, '', requests(report, words)),
    section(title.gains, note.gains, gains(report, words)),
    section(title.limits, '', limits(report, words)),
    section(title.cost, note.cost, costs(report, words)),
  ].join('\n')
  return `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${words.title}: ${escaped(report.after.label)}</title><style>${STYLE}</style></head>
<body><main>${body}</main></body></html>
`
}

/** ISO date in UTC of a time in milliseconds. Source: Hinnant 2013, civil from days. */
function day(ms: number): string {
  const days = Math.floor(ms / 86_400_000) + 719_468
  const era = Math.floor(days / 146_097)
  const dayOfEra = days - era * 146_097
  const year = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  const month = Math.floor((5 * dayOfYear + 2) / 153)
  const date = dayOfYear - Math.floor((153 * month + 2) / 5) + 1
  const shown = (value: number) => String(value).padStart(2, '0')
  return `${year + era * 400 + (month >= 10 ? 1 : 0)}-${shown(month < 10 ? month + 3 : month - 9)}-${shown(date)}`
}
