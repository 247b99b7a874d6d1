import { expect, test } from 'vitest'
import { EMBEDDED_MODEL } from '../src/cli/embedded.ts'
import { loadClassifier } from '../src/io/model/load-classifier.ts'
import { readSplit } from '../src/io/model/read-rows.ts'
import { scoreRows, slicesOf } from '../src/jobs/evaluate.ts'

/** The shipped model on the dev split of a data folder: no worse than a plain linear model. Without data: not run. */
const folder = process.env.SLUICE_TEST_DATA
const measured = folder === undefined ? test.skip : test

measured('CL-1: the shipped model reaches AUC 0.992 and recall 0.83 at 1 % false positives on prompts', async () => {
  const classifier = await loadClassifier(EMBEDDED_MODEL)
  const prompts = (await readSplit(folder!, 'dev')).filter(({ target }) => target === 'prompt')
  const [all] = slicesOf(scoreRows(prompts, classifier))
  expect(all!.harmful).toBeGreaterThan(1000)
  expect(all!.auc!).toBeGreaterThanOrEqual(0.992)
  expect(all!.recallAt1!.share).toBeGreaterThanOrEqual(0.83)
})
