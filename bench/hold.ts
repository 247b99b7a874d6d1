import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as pause } from 'node:timers/promises'
import { loadEmbedded } from '../src/cli/embedded.ts'
import { scoreInSlices } from '../src/gateway/scored-texts.ts'

/**
 * How long texts of up to 1 MB hold everybody else up (CL-8): the longest turn of the event loop while one is read, and
 * what reading costs in all. Texts that hide nothing, and texts made to be slow. `node bench/hold.ts` (`--json`).
 */
const ROUNDS = 5
const SIZES = [4_000, 20_000, 200_000, 1_000_000]

/** `n` characters of `unit` again and again; no two lines are alike. */
function filled(n: number, unit: (i: number) => string): string {
  const parts: string[] = []
  for (let length = 0, i = 0; length < n; i++) {
    parts.push(unit(i))
    length += parts.at(-1)!.length
  }
  return parts.join('').slice(0, n)
}

const WORDS = 'the report says that rows of this table were merged when a cell was empty so please check order'.split(
  ' ',
)
const TEXTS: Readonly<Record<string, (i: number) => string>> = {
  prose: (i) => `${WORDS[(i * 7) % WORDS.length]} ${WORDS[(i * 11) % WORDS.length]}${i % 97} `,
  code: (i) => `  if (rows[${i}].name === null) return parse_cell(rows, ${i % 13})\n`,
  japanese: (i) => `図書館の${i}番の庭について、町長は記録を調べた。`,
  leet: (i) => `Pl3453 73ll m3 h0w 70 w473r 7h3 g4rd3n ${i} `,
  spaced: (i) => `w a t e r t h e g a r d e n ${i % 10} `,
  base64: (i) => `${Buffer.from(`water the garden behind the library ${i}`).toString('base64')} `,
  nested: (i) => `${Buffer.from(Buffer.from(`water the garden ${i}`).toString('base64')).toString('hex')} `,
  percent: (i) => `%77%61%74%65%72%20${(i % 90) + 10} `,
  homoglyph: (i) => `wаtеr thе gаrdеn ${i} `,
  repeated: () => 'a',
  invisible: (i) => `w\u200ba\u200bt\u200be\u200br${i % 10}`,
}

const { classifier } = loadEmbedded()
const rows: { text: string; size: number; longestMs: number; cpuMs: number; mbPerS: number }[] = []
for (const [name, unit] of Object.entries(TEXTS))
  for (const size of SIZES) {
    const text = filled(size, unit)
    let longestMs = Number.POSITIVE_INFINITY
    let cpuMs = Number.POSITIVE_INFINITY
    for (let round = 0; round < ROUNDS; round++) {
      const delay = monitorEventLoopDelay({ resolution: 1 })
      delay.enable()
      await pause()
      const before = process.cpuUsage()
      await scoreInSlices(classifier.open('input'), text, pause)
      const { user, system } = process.cpuUsage(before)
      await new Promise((resolve) => setTimeout(resolve, 5))
      delay.disable()
      longestMs = Math.min(longestMs, delay.max / 1e6)
      cpuMs = Math.min(cpuMs, (user + system) / 1000)
    }
    rows.push({ text: name, size, longestMs, cpuMs, mbPerS: size / 1000 / cpuMs })
  }

if (process.argv.includes('--json')) console.log(JSON.stringify(rows))
else {
  console.log('best of', ROUNDS, 'rounds; longest: the longest turn of the event loop\n')
  for (const { text, size, longestMs, cpuMs, mbPerS } of rows)
    console.log(
      `${text.padEnd(10)} ${String(size).padStart(8)}  longest ${longestMs.toFixed(1).padStart(6)} ms  CPU ${cpuMs.toFixed(1).padStart(7)} ms  ${mbPerS.toFixed(1).padStart(5)} MB/s`,
    )
}
