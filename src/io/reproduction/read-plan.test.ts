import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { type PlanFolder, writePlanFolder } from '../../../test/parts/reproduction.ts'
import { readPlan } from './read-plan.ts'

const NOW = Date.parse('2026-11-26T00:00:00Z')
const at = (model: string) => ({ protocol: 'openai_chat', url: 'http://127.0.0.1:9', model })
let plan: PlanFolder
const written = (more: object = {}) =>
  (plan = writePlanFolder({ target: at('t'), members: ['a', 'b', 'c', 'd'].map(at), tasks: 3, more }))
afterEach(() => plan.remove())
type Written = {
  members: Record<string, { url: string; model: string }>
  target: { model: string }
  [name: string]: unknown
}
const change = (act: (plan: Written) => void) => {
  const value = JSON.parse(readFileSync(plan.plan, 'utf8')) as Written
  act(value)
  plan.write('plan.yaml', JSON.stringify(value))
}

test('readPlan: arms, prices and panel; its hash changes with whatever is measured, not with where a model stands', async () => {
  written({ no_model: [{ id: 'search', file: 'search.jsonl', attempts: 2, human_minutes: 3 }] })
  plan.write('search.jsonl', '{"task":"exercise-0000","solved":true}\n{"task":"exercise-0001","solved":false}\n')
  const ready = await readPlan(plan.plan, NOW)
  expect(ready.arms.map(({ id }) => id)).toEqual([
    ...['technique', 'plain:vendor-x/model-f', 'plain:lab-a/open-70b', 'plain:lab-b/open-32b'],
    ...['plain:lab-c/api-large', 'plain:lab-c/api-small', 'no_model:search'],
  ])
  expect(ready.panel).toMatchObject({ date: '2026-11-01', stale: false })
  expect((await readPlan(plan.plan, NOW + 90 * 86_400_000)).panel.stale).toBe(true)
  expect(ready.imported.map(({ task, attempt, end }) => [task, attempt, end])).toEqual([
    ...[
      ['exercise-0000', 1, 'solved'],
      ['exercise-0001', 1, 'failed'],
      ['exercise-0001', 2, 'failed'],
    ],
  ])
  // 1 minute and 3 minutes at 60 USD per hour.
  expect([ready.arms[0]!, ready.arms.at(-1)!].map(ready.priceOf)).toEqual([
    { inputUsdPerMillion: 1, outputUsdPerMillion: 5, humanMicroUsdPerTask: 1e6 },
    { inputUsdPerMillion: 0, outputUsdPerMillion: 0, humanMicroUsdPerTask: 3e6 },
  ])
  change(({ members }) => (members['lab-a/open-70b']!.url = 'http://127.0.0.1:10'))
  expect((await readPlan(plan.plan, NOW)).identity).toEqual(ready.identity)
  change(({ members }) => (members['lab-a/open-70b']!.model = 'another'))
  const other = await readPlan(plan.plan, NOW)
  expect(other.identity.sha256).not.toBe(ready.identity.sha256)
  plan.write('technique.txt', 'Mend this: {task}')
  expect((await readPlan(plan.plan, NOW)).identity.sha256).not.toBe(other.identity.sha256)
})

describe('readPlan refuses', () => {
  const cases: [string, () => void, string][] = [
    [
      'a member without an endpoint',
      () => change(({ members }) => delete members['lab-a/open-70b']),
      'no endpoint for `lab-a/open-70b`',
    ],
    [
      'an endpoint of nobody',
      () => change(({ members }) => (members['x/y'] = members['lab-a/open-70b']!)),
      '`x/y` is not in P-2026Q4',
    ],
    [
      'a target that is its own baseline',
      () => change(({ target }) => (target.model = 'lab-a/open-70b')),
      'no baseline of itself',
    ],
    ['a template without its slot', () => plan.write('technique.txt', 'x'), 'technique.txt: wanted `{task}`'],
    ['a task that is none', () => plan.write('tasks.jsonl', '{"id":"a"}\n'), 'tasks.jsonl line 1'],
    ['a line that is not JSON', () => plan.write('tasks.jsonl', '\n{'), 'tasks.jsonl line 2: not JSON'],
    ['a file that is not there', () => change((one) => (one.panel = 'gone.json')), 'no file'],
    [
      'an arm with other effort',
      () => change((one) => (one.no_model = [{ id: 's', file: 'f', attempts: 9 }])),
      'they must be equal',
    ],
    ['a field that it does not know', () => change((one) => (one.attemps = 3)), 'attemps'],
    [
      'a judge that is not there',
      () =>
        plan.write(
          'tasks.jsonl',
          JSON.stringify({
            id: 'a',
            family: 'f',
            domain: 'd',
            prompt: 'p',
            grader: { kind: 'judge', question: 'q', agreement: { agree: 30, n: 30, source: 's' } },
          }),
        ),
      '`judge` is wanted',
    ],
    [
      'tasks that are all held out',
      () =>
        plan.write(
          'tasks.jsonl',
          JSON.stringify({
            id: 'a',
            family: 'f',
            domain: 'd',
            prompt: 'p',
            grader: { kind: 'exact', answer: 'x' },
            held_out: true,
          }),
        ),
      'every task is held out',
    ],
    [
      'an imported task of another set',
      () => {
        change((one) => (one.no_model = [{ id: 's', file: 's.jsonl', attempts: 2 }]))
        plan.write('s.jsonl', '{"task":"z","solved":true}')
      },
      's.jsonl line 1',
    ],
    [
      'a technique that stands twice',
      () => change((one) => (one.public_techniques = [{ id: 'repair', template: 'known.txt' }])),
      '`repair` stands twice',
    ],
  ]
  for (const [what, act, says] of cases)
    test(what, async () => {
      written()
      act()
      await expect(readPlan(plan.plan, NOW)).rejects.toThrow(says)
    })
})
