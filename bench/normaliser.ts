import { readFileSync } from 'node:fs'
import { FeatureReader } from '../src/core/classifier/features.ts'
import { Normaliser } from '../src/core/classifier/normalise/normaliser.ts'
import { quantile } from './parts/load.ts'

/**
 * What looking for hidden text costs, beside reading the features of the same text. Medians of rounds, 20 kB texts that
 * hide nothing, and one that does. `node bench/normaliser.ts` (`--json`).
 */
const ROUNDS = 31
const REPEATS = 40
const SIZE = 20_000

/** Prose and code of this project: a text that repeats itself would be read faster than any there is. */
const PROSE = ['README.md', 'docs/concepts.md', 'docs/performance.md']
  .map((file) => readFileSync(file, 'utf8'))
  .join('')
const CODE = ['src/core/classifier/features.ts', 'src/core/classifier/scorer.ts', 'bench/gateway.ts']
  .map((file) => readFileSync(file, 'utf8'))
  .join('')
/** Sentences whose words change, so that no two are the same. */
const JAPANESE = Array.from({ length: 400 }, (_, n) => {
  const pick = (words: string, step: number) => words.split(' ')[(n * step) % words.split(' ').length]!
  const [place, who, what] = [
    pick('図書館 学校 公園 駅前 港 寺 畑', 3),
    pick('委員会 町長 庭師 子ども', 5),
    pick('バラ 桜 松 梅 リンゴ', 7),
  ]
  return `${place}の裏にある庭について、${who}は${n}年の記録を調べ、${what}をだれが植えたのかを確かめようとした。\n`
}).join('')
const LEET = 'Pl3453 73ll m3 h0w 70 w473r 7h3 g4rd3n b3h1nd 7h3 l1br4ry, wh1ch h45 b33n l3f7 4l0n3. '

const texts = { prose: PROSE, code: CODE, japanese: JAPANESE, leet: LEET }
const drop = { features: () => undefined, layer: () => undefined, mark: () => undefined }

/** Processor time, not time on the wall: others use the machine too. Microseconds for one text. */
function costUs(read: () => void): number {
  const before = process.cpuUsage()
  for (let n = 0; n < REPEATS; n++) read()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / REPEATS
}

const rows = Object.entries(texts).map(([name, sample]) => {
  // Through JSON, as bodies come: a text put together from pieces is read more slowly.
  const text = JSON.parse(JSON.stringify(sample.repeat(Math.ceil(SIZE / sample.length)).slice(0, SIZE))) as string
  const features = () => new FeatureReader().feed(text, drop)
  const normaliser = () => {
    const one = new Normaliser()
    one.feed(text, drop)
    one.end(drop)
  }
  const rounds = Array.from({ length: ROUNDS + 5 }, () => ({
    features: costUs(features),
    normaliser: costUs(normaliser),
  }))
  const warm = rounds.slice(5)
  const featuresUs = quantile(
    warm.map((round) => round.features),
    0.5,
  )
  const normaliserUs = quantile(
    warm.map((round) => round.normaliser),
    0.5,
  )
  return {
    name,
    featuresMBs: text.length / featuresUs,
    normaliserMBs: text.length / normaliserUs,
    share: normaliserUs / featuresUs,
  }
})

if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(rows)}\n`)
else
  for (const { name, featuresMBs, normaliserMBs, share } of rows)
    process.stdout.write(
      `${name.padEnd(9)} features ${featuresMBs.toFixed(0)} M characters/s, normaliser ${normaliserMBs.toFixed(0)}, ` +
        `${(100 * share).toFixed(1)} % on top\n`,
    )
