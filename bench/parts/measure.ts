import type { Child } from './children.ts'
import { type LoadResult, load, median, quantile } from './load.ts'
import { prompt } from './prompt.ts'
import { type CandidateName, chunksOf, type Scenario } from './scenarios.ts'
import { type Shape, wires } from './shapes.ts'

export interface Candidate {
  readonly name: CandidateName
  readonly port: number
  readonly headers: Readonly<Record<string, string>>
  /** Null for the upstream itself, whose cost is nobody's. */
  readonly child: Child | null
}

/** One candidate in one scenario: medians over the rounds, ratios and differences taken within each round. */
export interface Row {
  readonly scenario: string
  readonly candidate: CandidateName
  readonly requests: number
  readonly errors: number
  /** Why there are no figures, or null. */
  readonly failed: string | null
  readonly requestsPerSecond: number | null
  readonly cpuUsPerRequest: number | null
  /** CPU per request against the parsing proxy. */
  readonly cpuRatio: number | null
  /** CPU over the parsing proxy's, per event of a stream. */
  readonly cpuUsPerChunkOver: number | null
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** Over the upstream asked directly. */
  readonly addedP50Ms: number | null
  readonly addedP99Ms: number | null
  readonly firstChunkMs: number | null
  readonly addedFirstChunkMs: number | null
  readonly peakMemoryMb: number | null
}

export interface Limits {
  readonly rounds: number
  readonly requests: number
  /** The longest one candidate may take in one round. */
  readonly seconds: number
}

interface Round {
  readonly cpuUs: number | null
  readonly result: LoadResult
}

let asked = 0

/** Runs a scenario: candidates warmed, then rounds in turn, so that what the machine does meanwhile meets all of them. */
export async function measure(
  scenario: Scenario,
  candidates: readonly Candidate[],
  shape: Shape,
  limits: Limits,
): Promise<readonly Row[]> {
  const perRound = Math.max(scenario.connections, Math.ceil((limits.requests * scenario.share) / limits.rounds))
  const text = prompt(scenario.promptChars - MARK, 7)
  const run = async (candidate: Candidate, total: number): Promise<Round> => {
    const { child, port, headers } = candidate
    const before = child?.cpuMs() ?? 0
    const result = await load({
      ...{ port, path: wires[shape].path, headers, total, seconds: limits.seconds },
      ...{ connections: scenario.connections, pauseMs: scenario.pauseMs },
      // What was seen before may be remembered: each prompt begins with a number of its own.
      body: () => wires[shape].request([{ role: 'user', content: mark(asked++) + text }], scenario.stream),
    })
    return { cpuUs: child === null ? null : ((child.cpuMs() - before) * 1000) / result.requests, result }
  }
  const rounds = new Map(candidates.map(({ name }): [CandidateName, Round[]] => [name, []]))
  const failed = new Map<CandidateName, string>()
  // As long as what is measured: optimising compilers take some thousand requests to come to rest.
  for (const candidate of candidates) {
    const { result } = await run(candidate, perRound * limits.rounds)
    // A stranger that cannot do it has no figure; an error of ours is counted, and shown, beside the figures.
    if (candidate.name === 'peer' && result.errors > 0) failed.set('peer', result.fault ?? 'failed')
    candidate.child?.forgetPeak()
  }
  for (let round = 0; round < limits.rounds; round++)
    for (const candidate of candidates) {
      if (failed.has(candidate.name)) continue
      const done = await run(candidate, perRound)
      rounds.get(candidate.name)!.push(done)
      if (candidate.name === 'peer' && done.result.errors > 0) failed.set('peer', done.result.fault ?? 'failed')
    }
  const chunks = chunksOf(scenario, shape)
  return candidates.map((candidate) => rowOf(scenario, candidate, rounds, failed.get(candidate.name) ?? null, chunks))
}

const MARK = 16
const mark = (n: number) => `case ${String(n).padStart(MARK - 7, '0')}: `

function rowOf(
  { name: scenario }: Scenario,
  { name, child }: Candidate,
  rounds: ReadonlyMap<CandidateName, readonly Round[]>,
  failed: string | null,
  chunks: number | null,
): Row {
  const mine = rounds.get(name)!
  const overRounds = (figure: (round: Round, i: number) => number | null): number | null => {
    const values = mine.map(figure)
    if (failed !== null || values.length === 0 || values.includes(null)) return null
    const middle = median(values as number[])
    return Number.isNaN(middle) ? null : middle
  }
  const beside = (other: CandidateName, figure: (round: Round, other: Round) => number | null) =>
    name === other
      ? null
      : overRounds((round, i) => {
          const its = rounds.get(other)?.[i]
          return its === undefined ? null : figure(round, its)
        })
  const over = (figure: (result: LoadResult) => number) =>
    beside('direct', ({ result }, direct) => figure(result) - figure(direct.result))
  const p50 = ({ latenciesMs }: LoadResult) => quantile(latenciesMs, 0.5)
  const p99 = ({ latenciesMs }: LoadResult) => quantile(latenciesMs, 0.99)
  const first = ({ firstChunkMs }: LoadResult) => quantile(firstChunkMs, 0.5)
  return {
    ...{ scenario, candidate: name, failed },
    requests: mine.reduce((sum, { result }) => sum + result.requests, 0),
    errors: mine.reduce((sum, { result }) => sum + result.errors, 0),
    requestsPerSecond: overRounds(({ result }) => result.requests / result.seconds),
    cpuUsPerRequest: overRounds(({ cpuUs }) => cpuUs),
    cpuRatio:
      name === 'direct' ? null : name === 'parsing proxy' ? 1 : beside('parsing proxy', (a, b) => a.cpuUs! / b.cpuUs!),
    cpuUsPerChunkOver:
      chunks === null || name === 'direct' ? null : beside('parsing proxy', (a, b) => (a.cpuUs! - b.cpuUs!) / chunks),
    p50Ms: overRounds(({ result }) => p50(result)),
    p99Ms: overRounds(({ result }) => p99(result)),
    addedP50Ms: over(p50),
    addedP99Ms: over(p99),
    firstChunkMs: chunks === null ? null : overRounds(({ result }) => first(result)),
    addedFirstChunkMs: chunks === null ? null : over(first),
    peakMemoryMb: failed === null ? (child?.peakMemoryMb() ?? null) : null,
  }
}
