import { canonicalJson } from '../../base/canonical-json.ts'
import { type Block, partsOf } from './blocks.ts'
import { TRANSPARENCY_WORDS } from './catalogue.ts'
import type { TransparencyReport } from './report.ts'
import { STYLE } from './style.ts'
import type { TransparencyWords } from './words.ts'

/** The report as it is published: one line of canonical JSON. */
export function reportJson(report: TransparencyReport): string {
  return `${canonicalJson(report)}\n`
}

const COLUMNS = [
  ...[
    'month',
    'complete',
    'section',
    'query',
    'row',
    'column',
    'unit',
    'state',
    'value',
    'share_ppm',
    'low_ppm',
    'high_ppm',
  ],
  ...['kinds', 'from', 'until', 'checkpoint_origin', 'checkpoint_size', 'checkpoint_root'],
]

/** Every number with its query and checkpoint, RFC 4180. A hidden one has its state and no value. */
export function reportCsv({ month, complete, figures, queries, checkpoint }: TransparencyReport): string {
  const rows = figures.map(({ section, query, row, column, unit, state, value, share_ppm, interval_ppm }) => {
    const { kinds, from, until } = queries[query]!
    const about = [month, complete, section, query, row ?? '*', column ?? '*', unit, state === 'small' ? '<10' : state]
    const [low, high] = interval_ppm ?? [null, null]
    const proven = [(kinds ?? []).join(' '), from, until, checkpoint.origin, checkpoint.size, checkpoint.root]
    return [...about, value, share_ppm, low, high, ...proven]
  })
  return [COLUMNS, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}

/** A cell that a spreadsheet would take for a formula is kept as text. */
function csvCell(value: unknown): string {
  const text = value === null ? '' : String(value)
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Plain text for people and programs; both languages one after the other where it is the published edition. */
export function reportText(
  report: TransparencyReport,
  langs: readonly ('en' | 'ja')[],
  withdrawn: string | null,
): string {
  return langs.map((lang) => textIn(report, TRANSPARENCY_WORDS[lang], withdrawn)).join('\n\n')
}

function textIn(report: TransparencyReport, words: TransparencyWords, withdrawn: string | null): string {
  const parts = partsOf(report, words).map(({ title, blocks }) => `## ${title}\n\n${blocks.map(blockText).join('\n')}`)
  return [`# ${words.title(report.month)}`, ...headOf(report, words, withdrawn), ...parts].join('\n\n')
}

function headOf(report: TransparencyReport, words: TransparencyWords, withdrawn: string | null): readonly string[] {
  const { checkpoint, from, until, complete, known_until } = report
  return [
    ...(withdrawn === null ? [] : [words.withdrawn(withdrawn)]),
    ...(complete ? [] : [words.incomplete(known_until ?? '–')]),
    words.lede(checkpoint.origin, from.slice(0, 10), until.slice(0, 10)),
    words.suppression,
    words.proof(String(checkpoint.size), checkpoint.root),
  ]
}

function blockText({ title, heads, rows }: Block): string {
  const head = title === '' ? '' : `${title}\n`
  const line = (row: readonly string[]) => row.map((cell) => cell.replaceAll('\n', ' ')).join(' | ')
  return `${head}${rows.length === 0 ? '' : `${[heads, ...rows].map(line).join('\n')}\n`}`
}

/**
 * The report as one page that needs nothing else: no script, no font, no picture. Light and dark by the reader's setting,
 * from 390 px on, and on paper.
 */
export function reportPage(report: TransparencyReport, lang: 'en' | 'ja', withdrawn: string | null): string {
  const words = TRANSPARENCY_WORDS[lang]
  const [notes, told] = [headOf(report, words, withdrawn).slice(0, -3), headOf(report, words, withdrawn).slice(-3)]
  const body = [
    `<h1>${escaped(words.title(report.month))}</h1>`,
    ...notes.map((note) => `<p class="banner">${escaped(note)}</p>`),
    ...told.map((note) => `<p class="note">${escaped(note)}</p>`),
    ...partsOf(report, words).map(
      ({ title, blocks }) => `<section><h2>${escaped(title)}</h2>${blocks.map(blockHtml).join('')}</section>`,
    ),
  ].join('\n')
  return `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${escaped(words.title(report.month))}</title><style>${STYLE}</style></head>
<body><main>
${body}
</main></body></html>
`
}

function blockHtml({ title, heads, rows }: Block): string {
  const caption = title === '' ? '' : `<h3>${escaped(title)}</h3>`
  if (rows.length === 0) return caption === '' ? '' : `<p class="note">${escaped(title)}</p>`
  const head = heads.map((one) => `<th scope="col">${escaped(one)}</th>`).join('')
  const body = rows
    .map(
      ([first, ...rest]) =>
        `<tr><th scope="row">${escaped(first!)}</th>${rest.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`,
    )
    .join('\n')
  return `${caption}<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
}
