import { formulaText, type SeverityReport } from '../core/jailbreaks/severity/report.ts'
import { scoreText } from '../core/jailbreaks/severity/score.ts'
import { severityWords } from '../core/jailbreaks/severity/words.ts'
import { table } from './command.ts'

type Fault = Extract<SeverityReport, { readonly message: string }>
type Scored = Exclude<SeverityReport, { readonly message: string }>

/** The vector, a caret under the place, and what was wanted there. */
export function faultText({ vector, error, message }: Fault): string {
  // One column for each unit: what a terminal would obey, or draw wider, becomes a mark, so that the caret stays true.
  const shown = vector.replace(/[^\x20-\x7e]/g, '?')
  return `${shown}\n${' '.repeat(error.at)}^\n${error.code}: ${message}\n`
}

/** Band, score, interval and formula; with `explained` the sentences, with `compared` the other scales. */
export function reportText(report: Scored, explained: boolean, compared: boolean): string {
  const { lang, canonical, tenths, range, interval, formula } = report
  const say = (key: Parameters<typeof severityWords>[1]) => severityWords(lang, key)
  const head =
    tenths === null
      ? `? ${range.map(scoreText).join('–')} (${report.bandRange!.map((band) => say(`band.${band}`)).join('–')})`
      : `${scoreText(tenths)} ${say(`band.${report.band}`)}${interval === null ? '' : ` [${scoreText(interval[0])}, ${scoreText(interval[2])}]`}`
  const lines = [`${head}  ${canonical}`, formulaText(formula, tenths ?? range![1])]
  if (explained) lines.push('', report.explanation.text, ...report.explanation.notes.map(({ text }) => text))
  else if (report.explanation.notes.length > 0) lines.push(...report.explanation.notes.map(({ text }) => text))
  if (explained) lines.push('', report.label)
  return `${lines.join('\n')}\n${compared ? `\n${comparisonText(report)}` : ''}`
}

function comparisonText({ comparison, lang, tenths, range, band, bandRange }: Scored): string {
  const { cjs, jef, cjsStatus, why } = comparison
  const say = (key: Parameters<typeof severityWords>[1]) => severityWords(lang, key)
  const own = tenths === null ? range!.map(scoreText).join('–') : scoreText(tenths)
  const ownBand = band === null ? bandRange!.map((one) => say(`band.${one}`)).join('–') : say(`band.${band}`)
  const rows = [
    ['JSS 1.0', own, ownBand],
    ['CJS', cjs === null ? '–' : String(cjs.sum), cjs === null ? '–' : `${cjs.band} (${cjsStatus})`],
    ['JEF 0.7', jef === null ? '–' : jef.toFixed(2), jef === null ? 'give --jef vendors,models,subjects,fidelity' : ''],
  ]
  return table(rows) + why.map((one) => `${one}\n`).join('')
}

/** One line of a list. */
export function lineText(report: SeverityReport): string {
  if ('error' in report) return `error ${report.error.code} at ${report.error.at}  ${JSON.stringify(report.vector)}\n`
  const { tenths, band, range, canonical } = report
  return `${tenths === null ? `? ${range.map(scoreText).join('–')}` : `${scoreText(tenths)} ${band}`}  ${canonical}\n`
}
