import { canonicalJson } from '../../base/canonical-json.ts'
import { type Figure, SECTIONS } from './queries.ts'
import type { TransparencyReport } from './report.ts'
import type { Listed } from './tally.ts'
import type { TransparencyWords } from './words.ts'

/** A table as text: what page and plain text have in common. The first column names the row. */
export interface Block {
  readonly title: string
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export interface Part {
  readonly title: string
  readonly blocks: readonly Block[]
}

/** The report in the order in which it is read. */
export function partsOf(report: TransparencyReport, words: TransparencyWords): readonly Part[] {
  const parts = SECTIONS.map((section) => {
    const figures = report.figures.filter((figure) => figure.section === section)
    const names = [...new Set(figures.map(({ query }) => query))]
    const [grids, lines] = [
      names.filter((name) => isGrid(figures, name)),
      names.filter((name) => !isGrid(figures, name)),
    ]
    const of = (name: string) => figures.filter(({ query }) => query === name)
    return {
      title: words.section[section],
      blocks: [
        ...grids.map((name) => gridBlock(of(name), words)),
        ...(lines.length === 0
          ? []
          : [
              linesBlock(
                figures.filter(({ query }) => lines.includes(query)),
                words,
              ),
            ]),
      ],
    }
  })
  const lists = (['releases', 'acts', 'alarms', 'corrections'] as const).map((name) => ({
    title: words.section[name],
    blocks: [listBlock(report[name], words)],
  }))
  return [...parts, ...lists, { title: words.section.queries, blocks: [queriesBlock(report, words)] }]
}

/** A number as it is read: hidden ones by their word. */
export function shownText({ state, value, unit }: Figure, words: TransparencyWords): string {
  if (state !== 'shown') return words.state[state]
  if (unit === 'ppm') return percent(value!)
  const text = grouped(value!)
  return unit === 'hours' || unit === 'ms' ? `${text} ${words.unit[unit]}` : text
}

function isGrid(figures: readonly Figure[], name: string): boolean {
  return figures.some(({ query, row, column }) => query === name && row !== null && column !== null)
}

function gridBlock(figures: readonly Figure[], words: TransparencyWords): Block {
  const rows = [...new Set(figures.map(({ row }) => row))].sort((a, b) => Number(a === null) - Number(b === null))
  const columns = [...new Set(figures.map(({ column }) => column))].sort(
    (a, b) => Number(a === null) - Number(b === null),
  )
  const cell = (row: string | null, column: string | null) => {
    const found = figures.find((one) => one.row === row && one.column === column)!
    return found.share_ppm === null
      ? shownText(found, words)
      : `${shownText(found, words)} (${percent(found.share_ppm)})`
  }
  return {
    title: `${words.query[figures[0]!.query]} [${figures[0]!.query}]`,
    heads: ['', ...columns.map((column) => named(column, words))],
    rows: rows.map((row) => [named(row, words), ...columns.map((column) => cell(row, column))]),
  }
}

function linesBlock(figures: readonly Figure[], words: TransparencyWords): Block {
  return {
    title: '',
    heads: ['', words.of.value, words.of.share, words.of.interval, words.of.query],
    rows: figures.map((figure) => {
      const { query, row, column, share_ppm, interval_ppm } = figure
      const part = row ?? column
      return [
        `${words.query[query]}${part === null ? '' : `: ${named(part, words)}`}`,
        shownText(figure, words),
        share_ppm === null ? '' : percent(share_ppm),
        interval_ppm === null ? '' : `${percent(interval_ppm[0])}–${percent(interval_ppm[1])}`,
        query,
      ]
    }),
  }
}

function listBlock(listed: readonly Listed[], words: TransparencyWords): Block {
  if (listed.length === 0) return { title: words.none, heads: [], rows: [] }
  const { index, at, about, what } = words.column
  const facts = ({ facts }: Listed) =>
    Object.entries(facts)
      .map(([name, value]) => `${name} ${typeof value === 'string' ? value : canonicalJson(value)}`)
      .join(', ')
  return {
    title: '',
    heads: [index, at, about, what],
    rows: listed.map((one) => [String(one.index), one.at, one.about, facts(one)]),
  }
}

/** How each number was counted: kinds and method stay as they are in the file, so that a query can be repeated. */
function queriesBlock({ queries }: TransparencyReport, words: TransparencyWords): Block {
  const { kinds, how } = words.column
  const read = (names: readonly string[] | null) =>
    names === null ? '–' : names.length === 0 ? words.anyEntries : names.join(', ')
  return {
    title: '',
    heads: [words.of.query, kinds, how],
    rows: Object.entries(queries).map(([name, query]) => [name, read(query.kinds), query.how]),
  }
}

function named(name: string | null, words: TransparencyWords): string {
  return name === null ? words.total : (words.names[name] ?? name)
}

function percent(ppm: number): string {
  return `${(ppm / 10_000).toFixed(2)}%`
}

function grouped(value: number): string {
  const [whole, rest] = String(value).split('.')
  return `${whole!.replace(/\B(?=(\d{3})+$)/g, ',')}${rest === undefined ? '' : `.${rest}`}`
}
