import { expect, test } from 'vitest'
import { askedOf, askedText, questionText } from './asked.ts'
import type { PartKind, Role, Trust, Turn } from './exchange.ts'

const turn = (role: Role, place: PartKind, trust: Trust, text: string): Turn => ({
  role,
  parts: text === '' ? [] : [{ kind: 'text', place, trust, text }],
})
const user = (text: string) => turn('user', 'user', 'user', text)
const answer = (text = 'fine') => turn('assistant', 'assistant', 'untrusted', text)
const result = (text = 'ok') => turn('tool', 'tool_result', 'untrusted', text)
const system = (text: string) => turn('system', 'system', 'system', text)

test.each<[what: string, turns: readonly Turn[], newestFrom: number, text: string]>([
  ['what is new', [user('fix this code'), answer(), user('redline this')], 2, 'redline this'],
  ['all of it', [user('a reminder'), result('a page'), user('redline this')], 0, 'a reminder\nredline this'],
  ['"continue"', [user('fix this code'), answer(), user('please continue')], 2, 'fix this code\nplease continue'],
  ['"continue" twice', [user('fix'), answer(), user('go on'), answer(), user('go on')], 4, 'fix\ngo on'],
  ['blanks', [user('fix this code'), answer(), user(' \n')], 2, 'fix this code\n \n'],
  ['nothing', [user('fix this code'), answer(), system('be brief')], 2, 'fix this code'],
  ['a result of a tool', [user('fix this code'), answer(), result()], 2, 'fix this code'],
  ['results of two calls', [user('fix'), answer(), result(), answer(), result()], 4, 'fix'],
  [
    'words beside a result',
    [user('fix this code'), answer(), result(), user('and test it')],
    2,
    'fix this code\nand test it',
  ],
  [
    'words beside the results of two rounds',
    [user('fix this code'), answer(), result(), user('be brief'), answer(), result(), user('be brief')],
    5,
    'fix this code\nbe brief\nbe brief',
  ],
  [
    '"continue" after words beside a result',
    [user('fix this code'), answer(), result(), user('be brief'), answer(), user('go on')],
    5,
    'fix this code\nbe brief\ngo on',
  ],
  [
    'no question of an earlier answer',
    [user('old'), answer(), user('fix'), answer(), result(), user('be brief'), answer(), result()],
    7,
    'fix\nbe brief',
  ],
  [
    'a question whose answer is gone on from',
    [user('old'), answer(), user('search'), { ...result(), role: 'assistant' }],
    2,
    'search',
  ],
  ['a step of two turns', [user('one'), user('two'), answer(), result()], 3, 'one\ntwo'],
  ['the system alone', [system('write a poem')], 0, 'write a poem'],
  ['a user beside the system', [system('be brief'), user('write a poem')], 0, 'write a poem'],
  ['nobody', [result('a page')], 0, ''],
  ['no turn', [], 0, ''],
])('asked: %s', (_what, turns, newestFrom, text) => {
  expect(askedText({ turns, newestFrom })).toBe(text)
})

test('asked: whose words these are hangs on the request as it came, whatever is left out of it afterwards', () => {
  const turns = [user('an older request'), answer(), user('fix this code')]
  const asked = askedOf({ turns, newestFrom: 2 })
  expect(asked).toEqual({ still: null, bySystem: false })
  expect(askedText({ turns: turns.with(2, user('')), newestFrom: 2 }, asked)).toBe('')
})

test.each<[what: string, turns: readonly Turn[], newestFrom: number, text: string]>([
  ['what is new', [user('fix this code'), answer(), user('redline this')], 2, 'redline this'],
  ['"continue"', [user('fix this code'), answer(), user('go on'), answer(), user('go on')], 4, 'fix this code'],
  ['words beside a result', [user('fix'), answer(), result(), user('and test it')], 2, 'fix'],
  [
    'in later rounds too',
    [user('fix'), answer(), result(), user('one left'), answer(), result(), user('done')],
    5,
    'fix',
  ],
  ['asked beside a result, nothing before', [result('a page'), user('redline this')], 0, 'redline this'],
  ['the system alone', [system('write a poem')], 0, 'write a poem'],
  ['no turn', [], 0, ''],
])('question: %s', (_what, turns, newestFrom, text) => {
  expect(questionText({ turns, newestFrom })).toBe(text)
})
