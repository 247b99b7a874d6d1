import { spawnSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { EMBEDDED_MODEL, loadEmbedded } from '../src/cli/embedded.ts'
import { ownData, unseenData } from '../src/cli/own-data.ts'
import { SEGMENTS } from '../src/core/base/segments.ts'
import { measuredOrNull } from '../src/core/classifier/evaluation/measured.ts'
import { pairAccuracy } from '../src/core/classifier/evaluation/pair-accuracy.ts'
import { calibrationError } from '../src/core/classifier/evaluation/reliability.ts'
import { aucInterval } from '../src/core/classifier/evaluation/roc.ts'
import { loadClassifier } from '../src/io/model/load-classifier.ts'
import { readSplit } from '../src/io/model/read-rows.ts'
import { trainPlain } from '../src/jobs/evaluation/plain-model.ts'
import { type ScoredRow, scoreRows } from '../src/jobs/evaluation/score-rows.ts'
import { overRefusalAt, scoreSlices } from '../src/jobs/evaluation/score-slices.ts'
import type { PairRow } from '../src/jobs/pairs/expand.ts'
import { askedOf, segmentOfRow } from '../src/jobs/topic-rows.ts'
import { DEFAULT_SETTINGS } from '../src/jobs/train.ts'
import { answerTable, attackTable, everydayTable, requestTable, share } from './request-tables.ts'

/**
 * Writes models/card.md from the shipped model and a data folder: `npm run model-card -- DIR`. With `--plain` it only
 * prints the shipped model beside a plain linear one.
 */
const { values, positionals } = parseArgs({ options: { plain: { type: 'boolean' } }, allowPositionals: true })
const folder = positionals[0]
if (folder === undefined) {
  process.stderr.write('wanted the data folder that the model was trained on\n')
  process.exit(2)
}
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const classifier = loadClassifier(EMBEDDED_MODEL)
const sources = z
  .array(z.object({ source: z.string(), repo: z.string(), license: z.string() }))
  .parse(JSON.parse(readFileSync(join(folder, 'sources.json'), 'utf8')))
const train = await readSplit(folder, 'train')
const dev = await readSplit(folder, 'dev')

const own = await ownData(join(root, 'data'))
const { unseen, wrapped, attacks, answers } = await unseenData(join(root, 'data'))
const held = (rows: readonly PairRow[]) => rows.filter(({ split }) => split === 'dev')
const pairs = held(own.pairs)

function section(target: 'prompt' | 'exchange'): string {
  const scored = scoreRows(
    dev.filter((row) => row.target === target),
    classifier,
  )
  const rows = scoreSlices(scored).filter(({ harmful, harmless }) => harmful + harmless >= 10)
  const { clear, act } = target === 'prompt' ? classifier.thresholds.harmInput : classifier.thresholds.exchange
  const over = [
    ...overRefusalAt(scored, clear / 1e6).map((one) => ({ ...one, line: 'clear' })),
    ...overRefusalAt(scored, act / 1e6).map((one) => ({ ...one, line: 'act' })),
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

/** The shipped model beside a plain linear one that learns now, from the same rows and seed. */
async function besidePlain(): Promise<string> {
  const prompts = dev.filter(({ target }) => target === 'prompt')
  const plain = trainPlain(train, DEFAULT_SETTINGS, () => undefined)
  return [
    '| | pairs told apart | templates, by most of their pairs | AUC | recall at 1 % false positives | recall at 0.1 % |',
    '| --- | --- | --- | --- | --- | --- |',
    lineOf('shipped', scoreRows(prompts, classifier), scoreRows(pairs, classifier)),
    lineOf('plain linear model', plain(prompts), plain(pairs)),
  ].join('\n')
}

/** How often the segment that is told is the one that the row says. */
function topics(): string {
  const all = [...dev, ...pairs]
  const langs = ['en', 'ja'].map((lang) => {
    const rows = all.flatMap((row) => {
      const segment = row.lang === lang ? segmentOfRow(row) : null
      return segment === null ? [] : [{ segment, told: classifier.topic(askedOf(row)) }]
    })
    const of = (some: typeof rows) =>
      share(measuredOrNull(some.filter(({ segment, told }) => segment === told).length, some.length))
    const said = rows.filter(({ told }) => told !== 'other')
    const each = SEGMENTS.map((one) => of(rows.filter(({ segment }) => segment === one)))
    return { lang, all: of(rows), said: of(said), each }
  })
  const row = (name: string, figure: (one: (typeof langs)[number]) => string) =>
    `| ${[name, ...langs.map(figure)].join(' | ')} |`
  return [
    row('', ({ lang }) => lang),
    '| --- | --- | --- |',
    row('right', (one) => one.all),
    row('right, where a segment is told', (one) => one.said),
    ...SEGMENTS.map((segment, i) => row(`found, of ${segment}`, ({ each }) => each[i]!)),
  ].join('\n')
}

function lineOf(name: string, prompts: readonly ScoredRow[], pairs: readonly ScoredRow<PairRow>[]): string {
  const { auc, harmful, harmless, recallAt1, recallAt01 } = scoreSlices(prompts)[0]!
  const { accuracy, templates } = pairAccuracy(pairs)[0]!
  const { lo, hi } = aucInterval(auc!, harmful, harmless)
  const area = `${auc!.toFixed(4)} (${lo.toFixed(4)} to ${hi.toFixed(4)}), n = ${harmful} + ${harmless}`
  return `| ${[name, share(accuracy), share(templates), area, share(recallAt1), share(recallAt01)].join(' | ')} |`
}

/** What `sluice eval` prints, without what only this machine knows. */
function printed(args: readonly string[]): string {
  const done = spawnSync(process.execPath, [join(root, 'src', 'main.ts'), 'eval', ...args], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  if (done.stdout === '') throw new Error(`eval ${args.join(' ')}: ${done.stderr}`)
  return done.stdout.replaceAll(folder!, 'DIR').trim()
}

if (values.plain === true) {
  process.stdout.write(`${await besidePlain()}\n`)
  process.exit(0)
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
scripts without spaces, on folded text, repeats counted once; every hidden reading of a text (spaced, encoded, turned) is
scored as well. Four gates (any harm, attack form, harmful answer, an order inside a document) are summed over the text
and over windows of 256 features. A small network reads those sums together with how long the text is, its script, whether
it was asked or merely came along, and whether a system prompt stands before it. Of a longer request the paragraphs that
stand out are scored as texts of their own. A text that is not clearly harmless by
that, or that is short, or one sentence of which stands out, is looked at again: a network over vectors of the same
features reads which of them stand together, in the whole, in the highest window and in the sentences that stand out, and
its logits are read beside the sums. Probabilities are calibrated per language group as if every language had as much harm;
heads share a probability out among sixteen categories and six attack forms.

Recipe: \`npx sluice train --data DIR\` (seed ${DEFAULT_SETTINGS.seed}; the same data, pairs and seed give the same bytes), five to fourteen
minutes on two cores. ${train.length} rows and what is not held out of the project's own
[matched pairs](../data/pairs/README.md) and [plain requests](../data/requests/README.md), some of all again inside
[wrappings](../data/wrappings/README.md), and [answers](../data/answers/README.md). All
are learned from, and all calibrate, each read by columns and networks that learned from three quarters of the others. Nothing is learned from the dev split, but choices were made while looking at it: columns,
combiner, network, composites, weights of pairs, the shares behind the thresholds, the constants of family heads. Its figures
therefore flatter, by how much is not known; the half that did not place the line does not cure this.

## What it is for, and what not

It is the first, cheap look: it recognises known forms of attack, and topics. It cannot know what a request is *for*.
Policy therefore never lets it refuse on intent; at most it diverts to a weaker model.

Do not use it

- as the only safeguard where a miss or a false alarm harms someone;
- to judge people, or to report them: a score says how a text reads, nothing about who wrote it;
- for child safety beyond a first hint: the data holds next to nothing (see the counts), use a dedicated service;
- for languages other than English and Japanese without measuring: several have examples from one or two sources only;
- on novel forms of attack, paraphrase, or text whose language differs from the examples': it will miss most of them.

Known weaknesses: short texts carry little evidence and their probabilities are rough; in other languages than English and
Japanese it finds less, and much of what is asked there in few words would be taken to a second opinion (see plain requests); a
harmful paragraph inside pages or a book of other text is found less often than alone, and one without line ends around it much
less; pairs that differ in use alone are told apart in seven of eight cases, in English in five of six; answers are judged on texts
that were cut at 240 characters, in English and Japanese only; help with something harmless that looks like giving in is told from it in two of three cases in English; a long answer whose every part
speaks of a harm is marked more often though none gives in. Of requests for harm in a stranger's words four in ten are marked, inside a scene or a form a
quarter, and few are acted on: by itself this is a mark for a person, and a question for whoever gives second opinions; in
some surroundings, a novel or a questionnaire, next to none is asked about. A system prompt that guards a secret reads like an attack
on it, and is marked only far past the line. Harmful prompts in the data are mostly short questions from red-teaming
sets, harmless ones mostly instruction and exam style: calibrate on your own traffic.

## Thresholds

| | clear | act | act+ |
| --- | ---: | ---: | ---: |
${line('harm, input', thresholds.harmInput)}
${line('attack form, input', thresholds.attackInput)}
${line('answer', thresholds.output)}
${line('exchange', thresholds.exchange)}

Chosen on rows that the model at hand did not learn from, so that neither ordinary nor alarming harmless texts reach them
more often than the shares in \`src/jobs/place-lines.ts\`.

## Quality

${section('prompt')}
${section('exchange')}
## Matched pairs and work that must pass

\`\`\`text
${printed(['--suite', 'own', '--measures', 'quality'])}
\`\`\`

## Plain requests

[Topics of our own](../data/requests/README.md), in the same frames on both sides. From \`ask\` on a second opinion is asked, where
one is configured; from \`clear\` on a request is marked. Two requests of a topic are not independent: read the column of topics.

By [writers](../data/unseen-requests/README.md) of whom nothing is learned, though they had the same instructions, and
their figures were in sight while settings were chosen:

${requestTable(unseen, classifier)}

The same inside [wrappings](../data/unseen-wrappings/README.md) of yet another writer, which say nothing of what is asked:

${requestTable(wrapped, classifier)}

[Attacks on the assistant](../data/unseen-attacks/README.md) beside innocent texts of the same words, by four more writers of whom
nothing is learned; what the default policy does with each, the weaker model at hand and nobody to ask:

${await attackTable(attacks, loadEmbedded(undefined))}

[Answers](../data/unseen-answers/README.md) by four more writers of whom nothing is learned, two with the instructions of those who teach and
two (\`natural\`) with their own: to a request for harm one that gives in and one that does not, to a harmless request one that helps; by
the exchange, under the default policy:

${await answerTable(answers, loadEmbedded(undefined))}

By writers of whom other topics are learned; those of a writer resemble each other, so this is the easier case:

${requestTable(held(own.requests), classifier)}

[Everyday requests](../data/everyday/README.md) that were never learned from, all harmless:

${everydayTable(held(own.everyday), classifier)}

## Beside a plain linear model

One logistic column over the same features, learned in the same run from the same prompts with the same seed: without matched
pairs, weights by source, windows, combiner, network, readings. Held-out pairs; prompts of the dev split, lines on the
same rows. The interval of an AUC is that of Hanley and McNeil.

${await besidePlain()}

## What a request is about

A column per segment over the first 512 characters of what is asked, learned from rows that say what they are about, our own
pairs and, for Japanese, words of a subject; below one half nothing is said, which is \`other\`. It tells traffic apart in
reports, behind the key's setting and the operator's rules, and never decides. On rows of the dev split and pairs held out
by template:

${topics()}

## Evasion, long texts, beginnings of answers, families, speed

Printed by \`sluice eval --data DIR\`; a bar that too few trials could decide says INCONCLUSIVE.

\`\`\`text
${printed(['--data', folder, '--measures', 'prefix,needle,evasion,families,latency'])}
\`\`\`

## What each choice gives

\`node bench/ablation.ts DIR --write models/ablation.md\`, dev split, the line of 1 % on the same rows. A second, wider
layer (an embedding of 8 and of 16 columns with a hidden layer) was tried too and ranked below the plain column.

${readFileSync(join(root, 'models', 'ablation.md'), 'utf8').trim()}

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
