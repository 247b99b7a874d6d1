import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EMBEDDED_MODEL } from '../src/cli/embedded.ts'
import { ownData, unseenData } from '../src/cli/own-data.ts'
import type { Measured } from '../src/core/classifier/evaluation/measured.ts'
import { pairAccuracy } from '../src/core/classifier/evaluation/pair-accuracy.ts'
import { loadClassifier } from '../src/io/model/load-classifier.ts'
import { ownAnswers } from '../src/io/model/read-answers.ts'
import { readSeeds } from '../src/io/model/read-seeds.ts'
import { answerRows } from '../src/jobs/answer-rows.ts'
import { scoreRows } from '../src/jobs/evaluation/score-rows.ts'
import { overRefusalAt } from '../src/jobs/evaluation/score-slices.ts'
import { DEFAULT_EXPANSION, expandPairs, type PairRow, REGRESSION_EXPANSION } from '../src/jobs/pairs/expand.ts'

/**
 * `npm run pairs -- DIR [SEED]` writes the matched pairs (`train` and `dev`), plain requests and the regression sets as JSON
 * lines;
 * `npm run pairs -- --measure` prints what the shipped model makes of them.
 */
const data = join(dirname(fileURLToPath(import.meta.url)), '..', 'data')
const [target, seedText = String(DEFAULT_EXPANSION.seed)] = process.argv.slice(2)
const seed = Number(seedText)
if (target === undefined || !Number.isInteger(seed)) {
  process.stderr.write('wanted a folder to write to and a whole number as seed, or --measure\n')
  process.exit(2)
}
const { pairs, requests, everyday } = await ownData(data, seed)
const { unseen, wrapped, attacks, answers } = await unseenData(data)
const slots = join(data, 'pairs', 'slots.yaml')
const regression = expandPairs(await readSeeds(join(data, 'regression'), slots), REGRESSION_EXPANSION)
const sets = Map.groupBy(regression, ({ subject }) => subject)

if (target === '--measure') await measure()
else {
  mkdirSync(target, { recursive: true })
  write('train.prompt', of('train'))
  write('dev.prompt', of('dev'))
  write('requests', requests)
  write('unseen-requests', unseen)
  write('wrapped-requests', wrapped)
  write('unseen-attacks', attacks)
  write('answers', answerRows(await ownAnswers(data), 'train'))
  write('unseen-answers', answers)
  write('everyday', everyday)
  for (const [subject, rows] of sets) write(subject, rows)
}

function of(split: PairRow['split']): readonly PairRow[] {
  return pairs.filter((row) => row.split === split)
}

function write(name: string, rows: readonly PairRow[]): void {
  writeFileSync(join(target!, `${name}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  process.stdout.write(`${name}.jsonl: ${rows.length} rows\n`)
}

async function measure(): Promise<void> {
  const classifier = loadClassifier(EMBEDDED_MODEL)
  process.stdout.write('pair accuracy of the shipped model\n')
  for (const split of ['dev', 'train'] as const)
    for (const { name, accuracy, templates } of pairAccuracy(scoreRows(of(split), classifier)))
      process.stdout.write(
        `${`${split} ${name}`.padEnd(30)} pairs ${shown(accuracy)}   templates ${shown(templates)}\n`,
      )
  const held = requests.filter(({ split }) => split === 'dev')
  for (const [set, rows] of Object.entries({ requests: held, unseen, wrapped, attacks }))
    for (const { name, accuracy, templates } of pairAccuracy(scoreRows(rows, classifier)))
      process.stdout.write(
        `${`${set} ${name}`.padEnd(30)} told apart ${shown(accuracy)}   topics ${shown(templates)}\n`,
      )
  const { clear, act } = classifier.thresholds.harmInput
  process.stdout.write('\nover-refusal: harmless rows at or above `clear` and `act` for harm\n')
  const harmless = Map.groupBy(
    pairs.filter(({ label }) => label !== 'harmful'),
    ({ split, lang }) => `${split} ${lang}`,
  )
  for (const [name, rows] of [...harmless, ...sets])
    for (const line of [clear, act]) {
      const scored = scoreRows(rows, classifier)
      for (const { label, acted } of overRefusalAt(scored, line / 1e6))
        process.stdout.write(
          `${name.padEnd(38)} ${line === act ? 'act  ' : 'clear'} ${label.padEnd(18)} ${shown(acted)}\n`,
        )
    }
}

function shown({ share, lo, hi, k, n }: Measured): string {
  return `${share.toFixed(3)} (${lo.toFixed(3)} to ${hi.toFixed(3)}, ${k} of ${n})`
}
