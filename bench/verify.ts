import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { decision, entry, hashName, START_MS } from '../test/record/entries.ts'
import { writeFolder } from '../test/record/folder.ts'

/**
 * RC-4: how long the independent verifier takes for a whole record, by itself, in a process of its own. One folder of `n`
 * entries (a decision each second, a rollup each minute), each check `ROUNDS` times, the median and the range.
 * `node bench/verify.ts` (`--entries 1000000`, `--json`).
 */
const ROUNDS = 3
const at = process.argv.indexOf('--entries')
const size = at > 0 ? Number(process.argv[at + 1]) : 1_000_000
const LIMITS = { fast: 10, whole: 60 } as const

const rollup = (n: number): Buffer =>
  entry({
    k: 'rollup',
    ms: n * 1000,
    about: `min_${n}`,
    d: { segment: 'cyber', count: 60, receipts: hashName(Buffer.of(n & 255)) },
  })

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-verify-'))
try {
  const entryAt = (n: number) => (n % 60 === 59 ? rollup(n) : decision(n, n * 1000))
  writeFolder(folder, { size, entryAt }, { kept: [] })
  /** Wall time of a whole process, and the processor's time in it, which says more on a machine that others use too. */
  const once = (fast: boolean) => {
    const code = `const { verifyFolder } = await import('./sluice-verify.mjs')
      await verifyFolder(${JSON.stringify(folder)}, { fast: ${fast} })
      const { user, system } = process.cpuUsage()
      process.stdout.write(String((user + system) / 1e6))`
    const started = performance.now()
    const done = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })
    if (done.status !== 0) throw new Error(`not verified: ${done.stderr}`)
    return { wallS: (performance.now() - started) / 1000, processorS: Number(done.stdout) }
  }
  const timed = (fast: boolean) => {
    const rounds = Array.from({ length: ROUNDS }, () => once(fast))
    const walls = rounds.map(({ wallS }) => wallS).sort((a, b) => a - b)
    const processorS = rounds.map((one) => one.processorS).sort((a, b) => a - b)[ROUNDS >> 1]!
    return { medianS: walls[ROUNDS >> 1]!, leastS: walls[0]!, mostS: walls[ROUNDS - 1]!, processorS }
  }
  const result = { fast: timed(true), whole: timed(false) }
  const machine = { node: process.version, cores: availableParallelism() }
  if (process.argv.includes('--json'))
    process.stdout.write(`${JSON.stringify({ entries: size, rounds: ROUNDS, ...machine, ...result })}\n`)
  else {
    process.stdout.write(`record of ${size.toLocaleString('en')} entries from ${new Date(START_MS).toISOString()} on, `)
    process.stdout.write(`Node ${machine.node}, ${machine.cores} cores, ${ROUNDS} rounds\n`)
    for (const [name, { medianS, leastS, mostS, processorS }] of Object.entries(result)) {
      const range = `${leastS.toFixed(1)} to ${mostS.toFixed(1)}, processor ${processorS.toFixed(1)}`
      const limit = LIMITS[name as keyof typeof LIMITS]
      process.stdout.write(
        `${name.padEnd(6)} ${medianS.toFixed(1)} s (${range}; RC-4: below ${limit} s for 1,000,000)\n`,
      )
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
