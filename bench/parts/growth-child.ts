import { text as read } from 'node:stream/consumers'
import { loadEmbedded } from '../../src/cli/embedded.ts'
import { ALL_PHRASES, DATA_PATTERNS, type LongText, longText } from './check-texts.ts'
import { LENGTHS, type Subject } from './growth.ts'
import { ourRule } from './our-rule.ts'
import { peerChecks, type Verdict } from './peer-checks.ts'

/** Times one subject on one kind of text, length by length; prints a line once it is ready, and one for each length. */
const given = JSON.parse(await read(process.stdin)) as { subject: Subject; text: LongText; modules: string }
const ENOUGH_MS = 20
const ROUNDS = 3
const WARM_MS = 400

const side = await sideOf(given.subject)
// What is compiled while it is timed would make short texts look slow.
const warm = longText(given.text, 1_000)
for (const until = performance.now() + WARM_MS; performance.now() < until; ) await side(warm)
const say = (facts: object) => process.stdout.write(`${JSON.stringify(facts)}\n`)
say({})
for (const chars of LENGTHS) say({ chars, ms: await bestOf(longText(given.text, chars)) })

/** Processor time, not time on the wall: others use the machine too. Milliseconds of one call, the best of the rounds. */
async function bestOf(text: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    let calls = 0
    let ms = 0
    const before = process.cpuUsage()
    do {
      await side(text)
      calls++
      const { user, system } = process.cpuUsage(before)
      ms = (user + system) / 1000
    } while (ms < ENOUGH_MS)
    best = Math.min(best, ms / calls)
    // So long a time hangs little on chance, and the rounds left are better spent on a longer text.
    if (best > 200) break
  }
  return best
}

async function sideOf(subject: Subject): Promise<Verdict> {
  switch (subject) {
    case 'Sluice: rule':
      return ourRule({ phrases: ALL_PHRASES })
    case 'Sluice: patterns':
      return ourRule({ patterns: Object.values(DATA_PATTERNS).flat() })
    case 'Sluice: classifier': {
      const { classifier } = loadEmbedded()
      return async (text) => Math.max(...classifier.score(text, 'input')) > 0.5
    }
    default: {
      const { checks } = peerChecks(given.modules, ALL_PHRASES)
      const named = {
        'peer: keyword filter': 'Keyword Filter',
        'peer: keys': 'Secret Keys',
        'peer: URLs': 'URL Filter',
        'peer: PII': 'Contains PII',
      } as const
      return checks[named[subject]]
    }
  }
}
