import type { Conversation } from './conversation.ts'
import type { Row } from './measure.ts'
import type { CandidateName, Scenario } from './scenarios.ts'
import type { SlowReaders } from './slow-readers.ts'

/** A bar and what was measured for it in this run. `met` is null where nothing was. */
export interface Bar {
  readonly bar: string
  readonly value: number | null
  readonly met: boolean | null
}

/** What was measured beside the scenarios; null where it was not. */
export interface Extras {
  readonly conversation: Conversation | null
  readonly slowReaders: SlowReaders | null
}

export function barsOf(rows: readonly Row[], { conversation, slowReaders }: Extras): readonly Bar[] {
  const row = (scenario: string, candidate: CandidateName) =>
    rows.find((one) => one.scenario === scenario && one.candidate === candidate)
  const ofOn = (scenario: string, figure: keyof Row) => (row(scenario, 'sluice on')?.[figure] ?? null) as number | null
  const timesPeer = (scenario: string) => {
    const [ours, its] = [ofOn(scenario, 'requestsPerSecond'), row(scenario, 'peer')?.requestsPerSecond ?? null]
    return ours === null || its === null ? null : ours / its
  }
  const most = (bar: string, value: number | null, limit: number): Bar => ({
    ...{ bar: `${bar} ≤ ${limit}`, value, met: value === null ? null : value <= limit },
  })
  const least = (bar: string, value: number | null, limit: number): Bar => ({
    ...{ bar: `${bar} ≥ ${limit}`, value, met: value === null ? null : value >= limit },
  })
  const sluices = rows.filter(({ candidate }) => candidate.startsWith('sluice'))
  return [
    most('classifier on: CPU per request, times the parsing proxy', ofOn('whole', 'cpuRatio'), 2),
    least('classifier on: requests/s, times the peer', timesPeer('whole'), 8),
    most('off: CPU per request, times the parsing proxy', row('whole', 'sluice off')?.cpuRatio ?? null, 1.15),
    most('first chunk of a clean stream over direct, ms', ofOn('first', 'addedFirstChunkMs'), 1),
    most('CPU per chunk over the parsing proxy, paced stream, µs', ofOn('chunks', 'cpuUsPerChunkOver'), 8),
    least('100 KB: requests/s, times the peer', timesPeer('large'), 5),
    most('8 KB, moderate load: p50 over direct, ms', ofOn('moderate', 'addedP50Ms'), 1),
    most('8 KB, moderate load: p99 over direct, ms', ofOn('moderate', 'addedP99Ms'), 5),
    most(
      'classifier on: peak memory, MB',
      rows.reduce<number | null>(
        (peak, { candidate, peakMemoryMb }) =>
          candidate === 'sluice on' && peakMemoryMb !== null ? Math.max(peak ?? 0, peakMemoryMb) : peak,
        null,
      ),
      200,
    ),
    most(
      '200-turn conversation: characters classified per turn, last twenty over first twenty',
      conversation === null ? null : conversation.classifiedLate / conversation.classifiedEarly,
      1.1,
    ),
    most('1,000 readers that do not read: KiB each', slowReaders?.kibPerReader ?? null, 256),
    most('errors', sluices.length === 0 ? null : sluices.reduce((sum, { errors }) => sum + errors, 0), 0),
  ]
}

const COLUMNS: readonly (readonly [head: string, of: (row: Row) => string])[] = [
  ['requests', ({ requests }) => String(requests)],
  ['errors', ({ errors }) => String(errors)],
  ['requests/s', ({ requestsPerSecond }) => fixed(requestsPerSecond, 0)],
  ['CPU µs/request', ({ cpuUsPerRequest }) => fixed(cpuUsPerRequest, 0)],
  ['times proxy', ({ cpuRatio }) => fixed(cpuRatio, 2)],
  ['µs/chunk over proxy', ({ cpuUsPerChunkOver }) => fixed(cpuUsPerChunkOver, 1)],
  ['p50 ms (over direct)', ({ p50Ms, addedP50Ms }) => over(p50Ms, addedP50Ms)],
  ['p99 ms (over direct)', ({ p99Ms, addedP99Ms }) => over(p99Ms, addedP99Ms)],
  ['first chunk ms (over direct)', ({ firstChunkMs, addedFirstChunkMs }) => over(firstChunkMs, addedFirstChunkMs)],
  ['peak MB', ({ peakMemoryMb }) => fixed(peakMemoryMb, 0)],
]

/** One scenario as a table that a document can take as it is. Columns without a figure are left out. */
export function tableOf(scenario: Scenario, bytes: number, rows: readonly Row[]): string {
  const columns = COLUMNS.filter(([, of]) => rows.some((row) => of(row) !== ''))
  const cells = [
    ['', ...columns.map(([head]) => head)],
    ...rows.map((row) => [row.candidate, ...columns.map(([, of]) => of(row))]),
  ]
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |\n`
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |\n`
  const failures = rows.flatMap(({ candidate, failed }) =>
    failed === null ? [] : [`${candidate} failed, and has no figures: ${failed}\n`],
  )
  return (
    `\n${scenario.name}: ${scenario.title}; ${scenario.connections} connections, ${bytes} bytes a request\n\n` +
    `${line(cells[0]!)}${rule}${cells.slice(1).map(line).join('')}${failures.join('')}`
  )
}

/** What was measured beside the scenarios, in sentences. */
export function extraLines({ conversation, slowReaders }: Extras): string {
  const n = (value: number) => Math.round(value).toLocaleString('en-US')
  const lines: string[] = []
  if (conversation !== null) {
    const { turns, newCharsPerTurn, classifiedEarly, classifiedLate, classifiedTotal, everythingTotal } = conversation
    lines.push(
      `\nconversation: ${turns} turns, each with all before it: bodies grow from ${n(conversation.bodyBytesFirst)} to ` +
        `${n(conversation.bodyBytesLast)} bytes, ${n(newCharsPerTurn)} characters new a turn; classified per turn: ` +
        `${n(classifiedEarly)} early, ${n(classifiedLate)} late; in total ${n(classifiedTotal)} instead of ${n(everythingTotal)}\n`,
    )
  }
  if (slowReaders !== null)
    lines.push(
      `\nreaders that do not read: ${n(slowReaders.readers)} streams of 1 MB, ${n(slowReaders.kibPerReader)} KiB each, ` +
        `${slowReaders.errors} errors\n`,
    )
  return lines.join('')
}

export function barLines(bars: readonly Bar[]): string {
  const width = Math.max(...bars.map(({ bar }) => bar.length))
  const word = { true: 'met', false: 'missed', null: 'not measured' } as const
  return bars
    .map(({ bar, value, met }) => `${bar.padEnd(width)}  ${fixed(value, 2).padStart(8)}  ${word[`${met}`]}\n`)
    .join('')
}

function fixed(value: number | null, digits: number): string {
  return value === null ? '' : value.toFixed(digits)
}

function over(value: number | null, added: number | null): string {
  return value === null
    ? ''
    : `${value.toFixed(2)}${added === null ? '' : ` (${added < 0 ? '−' : '+'}${Math.abs(added).toFixed(2)})`}`
}
