import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, startChild } from './parts/children.ts'
import { type LoadResult, load, quantile } from './parts/load.ts'

/**
 * What Sluice costs beside the least a parsing gateway can cost, in one run on one machine: same upstream, same load,
 * rounds interleaved, medians of the ratios. `npm run bench` (`-- --json`, `-- --requests 20000`).
 */
const args = process.argv.slice(2)
const requests = Number(args[args.indexOf('--requests') + 1] || 0) || 6000
const ROUNDS = 5
const CONNECTIONS = 16

const paragraph =
  'Our service parses a length-prefixed header and sometimes reads past the end of the buffer. Please fix this code, add a regression test, and explain the change in one paragraph for the changelog. '
const code =
  'int parse_len(const uint8_t *p, size_t n) { size_t len = p[0] << 8 | p[1]; memcpy(out, p + 2, len); return len; }\n'
const prompt = (paragraph + code.repeat(4)).repeat(3).slice(0, 1780)
const body = (stream: boolean) =>
  JSON.stringify({
    model: 'bench-large',
    max_tokens: 1024,
    ...(stream ? { stream } : {}),
    messages: [{ role: 'user', content: prompt }],
  })

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
const port = /^(\d+)$/
const upstream = await startChild('bench/parts/upstream.ts', [], {}, port)
const sluice = (data: string, env: NodeJS.ProcessEnv) =>
  startChild(
    'src/main.ts',
    ['serve'],
    {
      SLUICE_PORT: '0',
      SLUICE_ADMIN_PORT: '0',
      SLUICE_DATA: join(folder, data),
      ANTHROPIC_UPSTREAM_URL: `http://127.0.0.1:${upstream.found}`,
      ...env,
    },
    /ANTHROPIC_BASE_URL=http:\/\/[^:]+:(\d+)/,
  )
const candidates: Record<string, Child> = {
  'parsing proxy': await startChild('bench/parts/parsing-proxy.ts', [upstream.found], {}, port),
  'sluice, classifier on': await sluice('on', { SLUICE_MODE: 'enforce' }),
  'sluice off': await sluice('off', { SLUICE_MODE: 'off' }),
}

interface Round {
  readonly cpuUs: number
  readonly result: LoadResult
}
const rounds: Record<string, Record<'whole' | 'stream', Round[]>> = {}
try {
  for (const name of Object.keys(candidates)) {
    rounds[name] = { whole: [], stream: [] }
    for (const stream of [false, true]) await load(Number(candidates[name]!.found), body(stream), CONNECTIONS, 1500)
  }
  for (let round = 0; round < ROUNDS; round++)
    for (const kind of ['whole', 'stream'] as const)
      for (const [name, child] of Object.entries(candidates)) {
        const total = Math.ceil((kind === 'whole' ? requests : requests / 6) / ROUNDS)
        const before = child.cpuMs()
        const result = await load(Number(child.found), body(kind === 'stream'), CONNECTIONS, total)
        rounds[name]![kind].push({ cpuUs: ((child.cpuMs() - before) * 1000) / total, result })
      }
  report()
} finally {
  await Promise.all([...Object.values(candidates), upstream].map((child) => child.stop()))
  rmSync(folder, { recursive: true, force: true })
}

function report(): void {
  const rows = Object.keys(candidates).flatMap((name) =>
    (['whole', 'stream'] as const).map((kind) => {
      const mine = rounds[name]![kind]
      const yard = rounds['parsing proxy']![kind]
      const latencies = mine.flatMap(({ result }) => result.latenciesMs).sort((a, b) => a - b)
      const first = mine.flatMap(({ result }) => result.firstChunkMs).sort((a, b) => a - b)
      return {
        name,
        kind,
        requests: mine.reduce((sum, { result }) => sum + result.requests, 0),
        errors: mine.reduce((sum, { result }) => sum + result.errors, 0),
        cpuUsPerRequest: median(mine.map(({ cpuUs }) => cpuUs)),
        cpuRatio: median(mine.map(({ cpuUs }, i) => cpuUs / yard[i]!.cpuUs)),
        requestsPerSecond: median(mine.map(({ result }) => result.requests / result.seconds)),
        p50Ms: quantile(latencies, 0.5),
        p99Ms: quantile(latencies, 0.99),
        firstChunkP50Ms: quantile(first, 0.5),
        peakMemoryMb: candidates[name]!.peakMemoryMb(),
      }
    }),
  )
  if (args.includes('--json'))
    return void process.stdout.write(`${JSON.stringify({ connections: CONNECTIONS, rows })}\n`)
  process.stdout.write(
    `${CONNECTIONS} connections, ${body(false).length} byte request, medians of ${ROUNDS} interleaved rounds\n\n`,
  )
  for (const row of rows)
    process.stdout.write(
      `${row.name.padEnd(22)} ${row.kind.padEnd(6)}  n ${String(row.requests).padStart(6)}  errors ${row.errors}  ` +
        `cpu ${row.cpuUsPerRequest.toFixed(0).padStart(5)} µs (${row.cpuRatio.toFixed(2)}×)  ${row.requestsPerSecond.toFixed(0).padStart(6)}/s  ` +
        `p50 ${row.p50Ms.toFixed(2)} ms  p99 ${row.p99Ms.toFixed(2)} ms  first chunk ${row.firstChunkP50Ms.toFixed(2)} ms  ${row.peakMemoryMb.toFixed(0)} MB\n`,
    )
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
