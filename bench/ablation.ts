import { hash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { EMBEDDED_MODEL } from '../src/cli/embedded.ts'
import { createClassifier } from '../src/core/classifier/classifier.ts'
import { decodeModel } from '../src/core/classifier/model-file.ts'
import {
  columnScores,
  hardenedBy,
  meanColumn,
  ratios,
  type TrainedColumn,
  trainColumn,
} from '../src/core/classifier/train-step.ts'
import { readSplit } from '../src/io/model/read-rows.ts'
import { scoreRows } from '../src/jobs/evaluation/score-rows.ts'
import { scoreSlices } from '../src/jobs/evaluation/score-slices.ts'
import { featurise } from '../src/jobs/train.ts'
import type { TrainingRow } from '../src/jobs/training-ports.ts'
import { partsOf, samplesOf } from '../src/jobs/training-rows.ts'

/**
 * What each choice of the classifier gives: the first gate alone, learned in several ways, and the shipped model with all
 * of them, on the dev split. `node bench/ablation.ts DATA [--write FILE]`; about five minutes on one core.
 */
const { values, positionals } = parseArgs({ options: { write: { type: 'string' } }, allowPositionals: true })
const data = positionals[0]
if (data === undefined) throw new Error('wanted the data folder')
const prompts = (rows: readonly TrainingRow[]) => rows.filter(({ target }) => target === 'prompt')
const learned = prompts(await readSplit(data, 'train')).flatMap(samplesOf)
const dev = prompts(await readSplit(data, 'dev'))
const parts = dev.flatMap((row, i) => partsOf(row).map((sample) => ({ ...sample, of: i })))
const set = featurise(learned)
const read = featurise(parts)
const labels = Int8Array.from(learned, ({ harmful }) => Number(harmful))
const weights = Float32Array.from(learned, ({ weight }) => weight)
const base = { bits: 19, epochs: 8, rate: 0.3, decay: 2e-6, seed: 1001, emphasis: null }
const sha256 = (bytes: Uint8Array) => new Uint8Array(hash('sha256', bytes, 'buffer'))
const quiet = () => undefined
const column = (change: object, over: Float32Array = weights) =>
  trainColumn(set, { labels, weights: over }, { ...base, ...change }, quiet)
const loud = (bits: number) => ratios(set, { labels, weights }, bits)

const large = { bits: 20, epochs: 12 }
const plain = column(large)
const hardened = column(large, hardenedBy(plain, set, { labels, weights }))
const emphasised = column({ ...large, emphasis: loud(20), seed: 1051 })
const rows: string[] = [
  line('one column, 2^19 rows, 8 rounds', rowsOf(column({}))),
  line('the same, decay five times as strong', rowsOf(column({ decay: 1e-5 }))),
  line('the same, half the step', rowsOf(column({ rate: 0.15 }))),
  line('2^20 rows, 12 rounds', rowsOf(plain)),
  line('… harmless texts near the line three times', rowsOf(hardened)),
  line('… features that tell the sides apart are louder', rowsOf(emphasised)),
  line('… mean of the plain and the emphasised column', rowsOf(meanColumn([plain, emphasised]))),
  line('… mean of the one with near texts three times and the emphasised', rowsOf(meanColumn([hardened, emphasised]))),
]
const model = decodeModel(readFileSync(EMBEDDED_MODEL), sha256)
for (const [name, one] of [
  ['windows, parts, combiner, readings, matched pairs', { ...model, second: null }],
  ['shipped: the same, and a second look', model],
] as const)
  rows.push(
    line(
      name,
      scoreRows(dev, createClassifier(one, '')).map(({ score }) => score),
    ),
  )
const table = `| | AUC | recall at 1 % | at 0.1 % | Japanese, at 1 % | injections, at 1 % |\n| --- | ---: | ---: | ---: | ---: | ---: |\n${rows.join('')}`
process.stdout.write(table)
if (values.write !== undefined) writeFileSync(values.write, table)

function rowsOf(by: TrainedColumn): number[] {
  const most = new Array<number>(dev.length).fill(Number.NEGATIVE_INFINITY)
  columnScores(by, read).forEach((score, i) => {
    most[parts[i]!.of] = Math.max(most[parts[i]!.of]!, score)
  })
  return most
}

function line(name: string, scores: readonly number[]): string {
  const slices = scoreSlices(dev.map((row, i) => ({ row, score: scores[i]! })))
  const of = (slice: string) => slices.find((one) => one.name === slice)
  const share = (value: { share: number; lo: number; hi: number } | null | undefined) =>
    value == null ? '–' : `${value.share.toFixed(3)} (${value.lo.toFixed(3)}–${value.hi.toFixed(3)})`
  const all = of('all')!
  return `| ${name} | ${all.auc!.toFixed(4)} | ${share(all.recallAt1)} | ${share(all.recallAt01)} | ${share(of('lang ja')?.recallAt1)} | ${share(of('attack injection')?.recallAt1)} |\n`
}
