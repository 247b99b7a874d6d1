import { readSeverity } from '../../jailbreaks/severity/score.ts'
import { readVector } from '../../jailbreaks/severity/vector.ts'
import type { Entry } from '../../record/entry.ts'
import { dayAfter, hoursBetween, type Month } from './month.ts'

/** A public act or event that is listed as it is, with its place in the record. */
export interface Listed {
  readonly index: number
  readonly at: string
  readonly kind: Entry['k']
  readonly about: string
  /** Some of its members, as the entry has them. */
  readonly facts: Readonly<Record<string, unknown>>
}

/** What was counted of a month, before anything is hidden. Never leaves the program. */
export interface Tally {
  /** Counts of entries of each kind in the month. */
  readonly kinds: ReadonlyMap<string, number>
  readonly actions: ReadonlyMap<string, Map<string, number>>
  readonly would: ReadonlyMap<string, number>
  readonly requests: number
  /** Rollups of an earlier month that came when that was settled: counted here. */
  readonly lateRollups: number
  readonly filed: number
  readonly withdrawn: number
  readonly outcomes: ReadonlyMap<string, number>
  /** Hours from filing to the decision; ascending. */
  readonly decideHours: readonly number[]
  /** Last word on each decision that was labelled in the month: label → `acted` or `allowed`. */
  readonly labels: ReadonlyMap<string, Map<string, number>>
  readonly revokedLabels: number
  /** Reports received in the month: band → evidence grade. */
  readonly reports: ReadonlyMap<string, Map<string, number>>
  readonly received: number
  readonly acknowledgeHours: readonly number[]
  readonly reproduceHours: readonly number[]
  readonly uncheckedRequests: number
  readonly modelRefusals: number
  readonly erasures: number
  readonly instruments: ReadonlyMap<string, number>
  readonly drills: readonly { readonly target: string; readonly result: string; readonly ms: number }[]
  readonly listed: readonly Listed[]
  /** The first entry of the month, and one past the last entry that was looked at; null: it has none. */
  readonly first: number | null
  readonly end: number
  /** The newest time seen, or null. */
  readonly newest: string | null
}

/** A tally, and whether the record goes on past the time from which nothing of the month is waited for. */
export interface MonthTally extends Tally {
  readonly settled: boolean
}

/** Kinds that are listed one by one, with the members that are told. */
const LISTED: Readonly<Partial<Record<Entry['k'], readonly string[]>>> = {
  safeguard: ['move', 'from', 'to', 'slot', 'label', 'gates', 'single_person'],
  availability: ['model', 'population', 'move', 'from', 'to'],
  authority: ['version', 'hash'],
  alarm: ['code', 'subject'],
  correction: ['documents', 'claims', 'corrects'],
}

/** The later words on a report that its row and its times are read from. */
interface Case {
  readonly received: string
  acknowledged: string | null
  reproduced: string | null
  vector: string | null
}

/**
 * Counts the entries of a month. All entries of the record up to the month's settled end are taken, in order: what is
 * decided in a month may answer what came before it.
 */
export function createTally(month: Month) {
  const inMonth = (at: string) => at >= month.from && at < month.until
  const opened = dayAfter(month.from)
  const kinds = new Map<string, number>()
  const actions = new Map<string, Map<string, number>>()
  const would = new Map<string, number>()
  const outcomes = new Map<string, number>()
  const instruments = new Map<string, number>()
  const filedAt = new Map<string, string>()
  /** Decisions with an entry of their own that were, or would have been, more than allowed. */
  const acted = new Set<string>()
  const words = new Map<string, string | null>()
  const cases = new Map<string, Case>()
  const decideHours: number[] = []
  const drills: Tally['drills'][number][] = []
  const listed: Listed[] = []
  const sums = {
    requests: 0,
    lateRollups: 0,
    filed: 0,
    withdrawn: 0,
    revokedLabels: 0,
    unchecked: 0,
    refused: 0,
    erasures: 0,
  }
  let first: number | null = null
  let newest: string | null = null
  let end = 0

  /** The month of a rollup is that of its minute, unless that was settled when it came. */
  const takeRollup = (d: Entry['d'], at: string) => {
    const from = String(d.from)
    // The report of the month before ends with the first entry of this time, itself not included.
    const late = from < month.from && inMonth(at) && (at >= opened || (newest ?? at) >= opened)
    if (!late && !inMonth(from)) return
    if (late) sums.lateRollups++
    sums.requests += Number(d.count)
    const segment = String(d.segment)
    for (const [action, n] of Object.entries(d.actions as Record<string, number>))
      add(rowOf(actions, segment), action, n)
    for (const [action, n] of Object.entries(d.would as Record<string, number>)) add(would, action, n)
  }

  const takeAppeal = (d: Entry['d'], at: string) => {
    const appeal = String(d.appeal)
    if (d.move === 'file') filedAt.set(appeal, at)
    if (!inMonth(at)) return
    if (d.move === 'file') sums.filed++
    if (d.move === 'withdraw') sums.withdrawn++
    if (d.move !== 'decide') return
    add(outcomes, String(d.outcome ?? d.to), 1)
    const filed = filedAt.get(appeal)
    if (filed !== undefined) decideHours.push(Math.max(0, hoursBetween(filed, at)))
  }

  const takeCase = (k: Entry['k'], about: string, d: Entry['d'], at: string) => {
    if (k === 'report' && d.kind === 'intake' && inMonth(at))
      cases.set(about, { received: at, acknowledged: null, reproduced: null, vector: null })
    const one = cases.get(about)
    if (one === undefined || at >= month.until) return
    if (k === 'report' && d.kind === 'acknowledge') one.acknowledged ??= at
    if (k === 'report' && d.kind === 'reproduce') one.reproduced ??= at
    if (k === 'assessment' && typeof d.vector === 'string') one.vector = d.vector
  }

  const takeLabel = (d: Entry['d']) => {
    const decision = String(d.decision)
    if (d.outcome === 'given') words.set(decision, String(d.label))
    else {
      sums.revokedLabels++
      if (words.get(decision) === d.label) words.delete(decision)
    }
  }

  return {
    /** Takes the next entry. */
    take(index: number, { k, at, about, d }: Entry): void {
      end = index + 1
      if (k === 'rollup') takeRollup(d, at)
      else if (k === 'appeal') takeAppeal(d, at)
      else if (k === 'report' || k === 'assessment') takeCase(k, about, d, at)
      else if (k === 'decision' && (d.action !== 'allow' || d.would !== 'allow')) acted.add(about)
      if (newest === null || at > newest) newest = at
      if (!inMonth(at)) return
      first ??= index
      add(kinds, k, 1)
      if (k === 'label') takeLabel(d)
      if (k === 'decision' && (d.unavailable as readonly string[]).length > 0) sums.unchecked++
      if (k === 'model_refusal') sums.refused++
      if (k === 'key' && d.purpose === 'erasure') sums.erasures++
      if (k === 'instrument') add(instruments, String(d.type), 1)
      if (k === 'drill') drills.push({ target: String(d.target), result: String(d.result), ms: Number(d.ms) })
      const told = LISTED[k]
      if (told !== undefined) {
        const facts = Object.fromEntries(told.filter((name) => d[name] !== undefined).map((name) => [name, d[name]]))
        listed.push({ index, at, kind: k, about, facts })
      }
    },

    /** What was counted so far. */
    tally(): Tally {
      const labels = new Map<string, Map<string, number>>()
      for (const [decision, label] of words)
        if (label !== null) add(rowOf(labels, label), acted.has(decision) ? 'acted' : 'allowed', 1)
      const reports = new Map<string, Map<string, number>>()
      for (const { vector } of cases.values()) {
        const { band, grade } = ratedAs(vector)
        add(rowOf(reports, band), grade, 1)
      }
      const hours = (of: (one: Case) => string | null) =>
        [...cases.values()]
          .flatMap((one) => (of(one) === null ? [] : [hoursBetween(one.received, of(one)!)]))
          .sort((a, b) => a - b)
      return {
        ...{ kinds, actions, would, outcomes, instruments, labels, reports, drills, listed, first, end, newest },
        ...{ requests: sums.requests, lateRollups: sums.lateRollups, filed: sums.filed, withdrawn: sums.withdrawn },
        ...{ revokedLabels: sums.revokedLabels, uncheckedRequests: sums.unchecked },
        ...{ modelRefusals: sums.refused, erasures: sums.erasures, received: cases.size },
        decideHours: [...decideHours].sort((a, b) => a - b),
        acknowledgeHours: hours(({ acknowledged }) => acknowledged),
        reproduceHours: hours(({ reproduced }) => reproduced),
      }
    },
  }
}

/** Band and evidence grade by the last assessment; uplift that was not measured has no band. */
function ratedAs(text: string | null): { readonly band: string; readonly grade: string } {
  const vector = text === null ? null : readVector(text)
  if (vector === null || 'code' in vector) return { band: 'unrated', grade: 'none' }
  return { band: readSeverity(text!).band ?? 'unrated', grade: vector.CF }
}

function rowOf(rows: Map<string, Map<string, number>>, name: string): Map<string, number> {
  const row = rows.get(name) ?? new Map<string, number>()
  rows.set(name, row)
  return row
}

function add(counts: Map<string, number>, name: string, n: number): void {
  counts.set(name, (counts.get(name) ?? 0) + n)
}
