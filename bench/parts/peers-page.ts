import type { Measured } from '../../src/core/classifier/evaluation/measured.ts'
import { type Growth, LENGTHS, LIMIT_MS, SUBJECTS } from './growth.ts'
import type { Table } from './peer-measures.ts'

export interface PeersReport {
  readonly peer: string
  /** Of the peer, not measured. */
  readonly others: readonly string[]
  readonly tables: readonly Table[]
  readonly growth: readonly Growth[]
}

/** Everything that was measured, as Markdown. Without a date: the same versions give the same shares. */
export function reportOf({ peer, others, tables, growth }: PeersReport): string {
  return [
    `Peer: \`${peer.replace(/ (?=[^ ]+$)/, '@')}\`, as \`bench/peer-checks/package-lock.json\` pins it. Shares stand with their exact ` +
      '95 % interval (Clopper–Pearson) and n; texts of one phrase or one template are not independent, so the intervals are ' +
      'narrower than the truth.',
    '',
    `Not measured: ${others.filter((name) => name !== 'Competitors').join(', ')}. These ask a model or an API; what they would say is not known here, and they ` +
      'are what the peer itself offers against attacks. `Competitors` is its keyword filter under another name.',
    '',
    ...apart(tables, growth),
    ...tables.flatMap(({ title, about, columns, rows }) => [
      ...[`## ${title}`, '', about, ''],
      `| | ${columns.join(' | ')} |`,
      `| --- |${' ---: |'.repeat(columns.length)}`,
      ...rows.map(({ name, cells }) => `| ${name} | ${cells.map(cellOf).join(' | ')} |`),
      '',
    ]),
    ...growthLines(growth),
  ]
    .map(wrapped)
    .join('\n')
}

/** A paragraph in lines of at most 120 characters; tables and lists as they are. */
function wrapped(line: string): string {
  return /^[|\-#]/.test(line) ? line : line.replace(/(.{1,120})(?: +|$)/g, '$1\n').trimEnd()
}

/** Where one side is better by more than chance: the intervals of the two shares lie apart. */
function apart(tables: readonly Table[], growth: readonly Growth[]): readonly string[] {
  const lines = { peer: [] as string[], ours: [] as string[] }
  for (const { title, columns, pairs, rows } of tables)
    for (const { peer, ours, better } of pairs) {
      const wins = (side: 'peer' | 'ours') =>
        rows
          .filter(({ cells }) => {
            const [its, own] = [cells[peer], cells[ours]]
            if (its == null || own == null) return false
            const [more, less] = its.share > own.share ? [its, own] : [own, its]
            return more.lo > less.hi && ((more === its) === (better === 'more')) === (side === 'peer')
          })
          .map(({ name }) => name)
      for (const side of ['peer', 'ours'] as const)
        if (wins(side).length > 0)
          lines[side].push(`- ${title}, ${columns[peer]} against ${columns[ours]}: ${wins(side).join(', ')}`)
    }
  for (const text of SUBJECTS['Sluice: rule']) {
    const [its, own] = (['peer: keyword filter', 'Sluice: rule'] as const).map((subject) =>
      growth.find((one) => one.subject === subject && one.text === text)?.points.at(-1),
    )
    if (its === undefined || own === undefined || its.chars !== own.chars) continue
    lines[its.ms < own.ms ? 'peer' : 'ours'].push(
      `- Time for ${own.chars.toLocaleString('en-US')} characters (${text}): keyword filter ${its.ms.toFixed(1)} ms, rule ${own.ms.toFixed(1)} ms`,
    )
  }
  return [
    ...[
      '## Where the peer is better',
      '',
      'Rows whose two intervals lie apart, of columns that answer the same question.',
      '',
    ],
    ...lines.peer,
    ...['- It has checks for personal data, keys and addresses of the web; Sluice has none.', ''],
    ...['## Where Sluice is better', '', ...lines.ours, ''],
  ]
}

function cellOf(value: Measured | null): string {
  if (value === null) return '–'
  return `${value.share.toFixed(2)} (${value.lo.toFixed(2)}–${value.hi.toFixed(2)}), ${value.n}`
}

const SHOWN = LENGTHS.filter((_, i) => i % 2 === 0)

function growthLines(growth: readonly Growth[]): readonly string[] {
  const n = (value: number) => value.toLocaleString('en-US')
  return [
    '## Time by length',
    '',
    `Processor time of one call as a multiple of that for ${n(SHOWN[0]!)} characters, and the exponent of the fit time ~ length ^ exponent ` +
      '(1: linear, 2: quadratic) with its number of points, from 10,000 characters on where these are three. Ordinary prose, and texts ' +
      `that are made to be slow for this side. Each line had ${LIMIT_MS / 1000} s for all lengths; what took longer was ended. What ` +
      'a short text costs is in the column of milliseconds; there the side that does less is the faster one.',
    '',
    `| | text | ms, ${n(SHOWN[0]!)} | ${SHOWN.slice(1)
      .map((chars) => `× at ${n(chars)}`)
      .join(' | ')} | ms, longest | exponent |`,
    `| --- | --- | ---: |${' ---: |'.repeat(SHOWN.length + 1)}`,
    ...growth.map(({ subject, text, points, stoppedAt, exponent }) => {
      const first = points[0]
      const times = SHOWN.slice(1).map((chars) => {
        const point = points.find((one) => one.chars === chars)
        return point === undefined || first === undefined ? 'ended' : (point.ms / first.ms).toFixed(1)
      })
      const last = points.at(-1)
      const longest =
        last === undefined ? '–' : `${last.ms.toFixed(1)}${stoppedAt === null ? '' : ` at ${n(last.chars)}`}`
      const fit = exponent === null ? '–' : `${exponent.value.toFixed(2)} (${exponent.points})`
      return `| ${subject} | ${text} | ${first === undefined ? '–' : first.ms.toFixed(2)} | ${times.join(' | ')} | ${longest} | ${fit} |`
    }),
    '',
  ]
}

/** The report as a page of the documentation. */
export function peersPageOf(report: string, withData: boolean): string {
  return `# Beside what npm offers

Written by \`node bench/peers.ts ${withData ? '--data DIR ' : ''}--write docs/peers.md\`: the checks of a guardrails package that run without a network and
without a model, beside the rules and the classifier of Sluice, on the same texts in one run.

${report.trim()}
`
}
