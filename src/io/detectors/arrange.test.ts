import { expect, test } from 'vitest'
import { aCascade, aMember } from '../../../test/fakes/a-bundle.ts'
import { CATEGORIES } from '../../core/base/harm.ts'
import { cascadeFaults } from '../../core/policy/cascade.ts'
import { detectorSchema } from '../config/detectors.ts'
import { ableOf, arrange, configuredCascade } from './arrange.ts'
import { openDetectors } from './open-detectors.ts'

const at = { url: 'http://127.0.0.1:9', model: 'm' }
const configs = [
  { kind: 'judge', id: 'judge', ...at, stages: ['input', 'output'], on_failure: { bio: 'error' }, budget_ms: 700 },
  { kind: 'moderation', id: 'mod', ...at, thresholds: { clear: 0.2, act: 0.5, act_plus: 0.8 }, on_failure: 'flag' },
  { kind: 'probe', id: 'probe', secret_env: 'PROBE_KEY' },
].map((config) => detectorSchema.parse(config))
const detectors = openDetectors(configs, { PROBE_KEY: 'x' })
const question = {
  ...({ stage: 'input', text: '', asked: '', categories: [], requestId: 'req_1', beside: null } as const),
}

test('arrange: without a cascade everybody is asked as configured; one taken from there asks the same', () => {
  expect(arrange(detectors, null)).toBe(detectors)
  const own = configuredCascade(detectors)
  expect(cascadeFaults(own, detectors.map(ableOf))).toEqual([])
  const again = arrange(detectors, own)
  expect(again.map(({ id }) => id)).toEqual(['probe', 'mod', 'judge'])
  for (const [i, one] of again.entries()) {
    const { id, tier, stages, names, covers, thresholds, budgetMs, costUs } = detectors[i]!
    expect(one).toMatchObject({ id, tier, stages, names, covers, thresholds, budgetMs, costUs })
    for (const category of CATEGORIES) expect(one.onFailure(category)).toBe(detectors[i]!.onFailure(category))
  }
})

test('arrange: order, lines and fail policy are the safeguard’s; time and place the configuration’s', () => {
  const lines = { clear: 1, act: 2, actPlus: 3 }
  const asked = {
    order: [aMember('judge', { thresholds: lines, onFailure: { cyber: 'flag' } })],
    stop: 'settled',
  } as const
  const [judge, ...others] = arrange(detectors, asked)
  expect([judge!.thresholds, judge!.budgetMs, others]).toEqual([lines, 700, []])
  expect([judge!.onFailure('cyber'), judge!.onFailure('bio')]).toEqual(['flag', null])
})

test('arrange: one that is not configured, or cannot do what it is asked, never answers', async () => {
  const wrong = {
    order: [aMember('gone'), aMember('probe'), aMember('mod', { covers: ['weapons'] })],
    stop: 'settled',
  } as const
  const list = arrange(detectors, wrong)
  expect(list.map(({ id }) => id)).toEqual(['gone', 'probe', 'mod'])
  for (const one of list)
    expect([one.id, await one.ask(question, AbortSignal.timeout(1000))]).toEqual([
      one.id,
      { kind: 'unavailable', code: 'missing' },
    ])
  expect(arrange(detectors, aCascade())).toEqual([])
})
