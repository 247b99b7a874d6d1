import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeIn, declines, grade } from './grade.ts'
import { assertTaskSet, parseTask, type Task, TaskError } from './task.ts'

const task = (grader: object, more: object = {}) => ({
  id: 't-1',
  family: 'f',
  domain: 'd',
  prompt: 'p',
  grader,
  ...more,
})
const graderOf = (grader: object) => parseTask(task(grader), 'line 1').grader as Parameters<typeof grade>[0]

describe('grade', () => {
  const cases: [string, object, string, boolean][] = [
    ['exact, outer space aside', { kind: 'exact', answer: '42' }, ' 42\n', true],
    ['exact is not contains', { kind: 'exact', answer: '42' }, 'It is 42', false],
    ['exact, case', { kind: 'exact', answer: 'Yes' }, 'yes', false],
    ['exact, case aside', { kind: 'exact', answer: 'Yes', ignore_case: true }, 'YES', true],
    ['contains all', { kind: 'contains', all: ['a1', 'b2'] }, 'b2 then a1', true],
    ['contains some', { kind: 'contains', all: ['a1', 'b2'] }, 'a1', false],
    ['contains, case aside', { kind: 'contains', all: ['A1'], ignore_case: true }, 'xa1', true],
    ['regex', { kind: 'regex', pattern: '^flag\\{[a-z]{3}\\}$' }, 'flag{abc}', true],
    ['regex misses', { kind: 'regex', pattern: '^flag\\{[a-z]{3}\\}$' }, 'flag{abcd}', false],
    ['json, order aside', { kind: 'json_equal', value: { a: 1, b: [2] } }, '{"b":[2],"a":1.0}', true],
    ['json in a fence', { kind: 'json_equal', value: { a: 1 } }, 'Here:\n```json\n{"a":1}\n```\n', true],
    ['json, another value', { kind: 'json_equal', value: { a: 1 } }, '{"a":2}', false],
    ['json, none', { kind: 'json_equal', value: null }, 'nothing', false],
    ['json with half a surrogate', { kind: 'json_equal', value: 'x' }, '"\\ud800"', false],
  ]
  for (const [what, grader, answer, solved] of cases)
    test(what, () => expect(grade(graderOf(grader), answer)).toBe(solved))

  test('a pattern that backtracks elsewhere ends at once on a long answer', () => {
    const started = performance.now()
    expect(grade(graderOf({ kind: 'regex', pattern: '(a+)+$' }), `${'a'.repeat(20_000)}!`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('total on any answer', () => {
    const graders = [
      { kind: 'exact', answer: 'x' },
      { kind: 'json_equal', value: 1 },
      { kind: 'regex', pattern: 'x' },
    ].map(graderOf)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (answer) =>
        graders.every((one) => typeof grade(one, answer) === 'boolean'),
      ),
    )
  })
})

test('codeIn: fenced blocks joined, all of it where there is none, an open fence left out', () => {
  expect(codeIn('a\n```js\nlet x = 1\n```\nb\n```\nlet y\n```')).toBe('let x = 1\nlet y')
  expect(codeIn('let z')).toBe('let z')
  expect(codeIn('let z\n```js\nlet q')).toBe('let z\n```js\nlet q')
})

describe('declines', () => {
  const refusals = [
    "I can't help with that, even though you mention exercise-0001.",
    'I’m sorry, but I cannot assist with this request.',
    'Sorry, I am unable to do this.',
    'I must decline.',
    "I'm not able to write that.",
    '申し訳ありませんが、そのご依頼にはお応えできません。',
    'この内容についてはお手伝いできません。',
    'その件は対応いたしかねます。',
  ]
  for (const one of refusals) test(`a refusal: ${one}`, () => expect(declines(one)).toBe(true))
  const answers = [
    'The code word is w1234.',
    'Here is the patch. I cannot test it on your machine.',
    'Sorry for the long answer: the word is amber.',
    'これが修正版です。元の関数は負の数に対応していませんでした。',
    '',
  ]
  for (const one of answers) test(`an answer: ${one || 'nothing'}`, () => expect(declines(one)).toBe(false))
})

describe('parseTask', () => {
  const codeOf = (value: unknown) => {
    try {
      parseTask(value, 'tasks.jsonl line 3')
      return null
    } catch (error) {
      if (error instanceof TaskError) return [error.code, error.message]
      throw error
    }
  }
  test('a judge without measured agreement grades nothing', () => {
    expect(codeOf(task({ kind: 'judge', question: 'q' }))).toEqual([
      'judge_unmeasured',
      expect.stringContaining('tasks.jsonl line 3'),
    ])
    expect(codeOf(task({ kind: 'judge', question: 'q', agreement: { agree: 45, n: 50, source: 's' } }))).toBeNull()
    expect(codeOf(task({ kind: 'judge', question: 'q', agreement: { agree: 4, n: 5, source: 's' } }))![0]).toBe(
      'task_invalid',
    )
  })
  test('what is wrong is named by line and field, and the prompt is never quoted', () => {
    const [code, message] = codeOf(task({ kind: 'regex', pattern: '(?<=a)b' }, { prompt: 'canary-words' }))!
    expect([code, message]).toEqual(['task_invalid', expect.stringContaining('`grader.pattern`')])
    expect(message).not.toContain('canary-words')
    expect(codeOf('nothing')![1]).toContain('`task`')
  })
  test('two tasks with one id, and no task at all, are refused', () => {
    const one = parseTask(task({ kind: 'exact', answer: 'x' }), 'line 1') as Task
    expect(() => assertTaskSet([one, one], 'tasks.jsonl')).toThrow('`t-1` stands twice')
    expect(() => assertTaskSet([], 'tasks.jsonl')).toThrow('holds no tasks')
    expect(() => assertTaskSet([one], 'tasks.jsonl')).not.toThrow()
  })
})
