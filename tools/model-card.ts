import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { EMBEDDED_MODEL } from '../src/cli/embedded.ts'
import type { Measured } from '../src/core/classifier/evaluation/measured.ts'
import { calibrationError } from '../src/core/classifier/evaluation/reliability.ts'
import { loadClassifier } from '../src/io/model/load-classifier.ts'
import { readSplit } from '../src/io/model/read-rows.ts'
import { overRefusal, scoreRows, slicesOf } from '../src/jobs/evaluate.ts'
import { DEFAULT_SETTINGS, isHeldOut } from '../src/jobs/train.ts'

/** Writes models/card.md from the shipped model and a data folder: `npm run model-card -- DIR`. */
const folder = process.argv[2]
if (folder === undefined) {
  process.stderr.write('wanted the data folder that the model was trained on\n')
  process.exit(2)
}
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const classifier = await loadClassifier(EMBEDDED_MODEL)
const sources = z
  .array(z.object({ source: z.string(), repo: z.string(), license: z.string() }))
  .parse(JSON.parse(readFileSync(join(folder, 'sources.json'), 'utf8')))
const train = await readSplit(folder, 'train')
const dev = await readSplit(folder, 'dev')

const share = (value: Measured | null) =>
  value === null ? '–' : `${value.share.toFixed(3)} (${value.lo.toFixed(3)} to ${value.hi.toFixed(3)}), n = ${value.n}`

function section(target: 'prompt' | 'exchange'): string {
  const scored = scoreRows(
    dev.filter((row) => row.target === target),
    classifier,
  )
  const rows = slicesOf(scored).filter(({ harmful, harmless }) => harmful + harmless >= 10)
  const { clear, act } = target === 'prompt' ? classifier.thresholds.harmInput : classifier.thresholds.exchange
  const over = [
    ...overRefusal(scored, clear / 1e6).map((one) => ({ ...one, line: 'clear' })),
    ...overRefusal(scored, act / 1e6).map((one) => ({ ...one, line: 'act' })),
  ]
  return [
    `### ${target === 'prompt' ? 'Prompts' : 'Exchanges (the label is about the answer)'}\n`,
    '| slice | harmful | harmless | AUC | recall at 1 % false positives | recall at 0.1 % |',
    '| --- | ---: | ---: | ---: | --- | --- |',
    ...rows.map(
      ({ name, harmful, harmless, auc, recallAt1, recallAt01 }) =>
        `| ${name} | ${harmful} | ${harmless} | ${auc === null ? '–' : auc.toFixed(4)} | ${share(recallAt1)} | ${share(recallAt01)} |`,
    ),
    '',
    `Expected calibration error: ${calibrationError(scored).toFixed(4)} (ten bins, n = ${scored.length}).\n`,
    ...over.map(
      ({ label, line, acted }) => `- ${label}, at or above \`${line}\`: ${share(acted)} (${acted.k} of ${acted.n})`,
    ),
    '',
  ].join('\n')
}

const counts = new Map<string, number>()
for (const row of train) counts.set(row.source, (counts.get(row.source) ?? 0) + 1)
const { thresholds } = classifier
const line = (name: string, { clear, act, actPlus }: { clear: number; act: number; actPlus: number }) =>
  `| ${name} | ${clear / 1e6} | ${act / 1e6} | ${actPlus / 1e6} |`
const card = `# Model card: embedded classifier

\`models/embedded.slm\`, ${(statSync(EMBEDDED_MODEL).size / 1e6).toFixed(1)} MB, \`${classifier.modelHash}\`.
Every number below was printed by \`npm run model-card -- DIR\` on the dev split of the data it was trained beside, and is
of this file. Thresholds of the whole set are used for every slice; intervals are exact (Clopper–Pearson, 95 %).

## What it is

A linear classifier over hashed features: word 1- and 2-grams, character 3- and 5-grams, character 1- to 4-grams for
scripts without spaces, on folded text, repeats counted once. Three gates (any harm or attack, attack form, harmful
answer) are calibrated per language group; heads share a gate's probability out among sixteen categories and six attack
forms. Windows of 2,048 features keep a passage from being thinned out by what surrounds it.

Recipe: \`npx sluice train --data DIR\` (seed ${DEFAULT_SETTINGS.seed}; the same data and seed give the same bytes). ${train.length} rows, of which ${train.filter(isHeldOut).length} were held out
to calibrate. One row in twelve calibrates, none of the dev split is touched.

## What it is for, and what not

It is the first, cheap look: it recognises known forms of attack, and topics. It cannot know what a request is *for*.
Policy therefore never lets it refuse on intent; at most it diverts to a weaker model.

Do not use it

- as the only safeguard where a miss or a false alarm harms someone;
- to judge people, or to report them: a score says how a text reads, nothing about who wrote it;
- for child safety beyond a first hint: the data holds next to nothing (see the counts), use a dedicated service;
- for languages other than English and Japanese without measuring: several have examples from one or two sources only;
- on novel forms of attack, paraphrase, or text whose language differs from the examples': it will miss most of them.

Known weaknesses: short texts carry little evidence and their probabilities are rough; Japanese recall is well below
English; security vocabulary in defence is flagged more often than it should be; answers are judged on texts that were
cut at 240 characters. Harmful prompts in the data are mostly short questions from red-teaming sets, harmless ones mostly
instruction and exam style: calibrate on your own traffic.

## Thresholds

| | clear | act | act+ |
| --- | ---: | ---: | ---: |
${line('harm, input', thresholds.harmInput)}
${line('attack form, input', thresholds.attackInput)}
${line('answer', thresholds.output)}
${line('exchange', thresholds.exchange)}

Chosen on the held-out rows: about 2 %, 0.4 % and 0.05 % of harmless texts reach them.

## Quality

${section('prompt')}
${section('exchange')}
## Data and credits

The texts are not shipped. Rows per source, with their licences; those under CC-BY and CC-BY-SA are credited here.

| source | from | licence | rows |
| --- | --- | --- | ---: |
${sources
  .filter(({ source }) => counts.has(source))
  .map(
    ({ source, repo, license }) =>
      `| ${source} | ${repo === '' ? 'written for this set' : repo} | ${license} | ${counts.get(source)} |`,
  )
  .join('\n')}
`
writeFileSync(join(root, 'models', 'card.md'), card)
process.stdout.write(`models/card.md: ${card.split('\n').length} lines\n`)
