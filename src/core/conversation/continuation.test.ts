import { expect, test } from 'vitest'
import { isContinuation } from './continuation.ts'

test.each([
  ...['continue', 'Please continue.', 'go on', 'OK, go ahead please', 'yes, continue from there', 'try again', 'more…'],
  ...['続けて', '続けてください。', 'はい、続きをお願いします', 'もう一度', '继续', 'weiter!'],
])('continuation: %s', (text) => expect(isContinuation(text)).toBe(true))

test.each([
  ...['', 'yes', 'ok, thanks', 'continue the story about the garden', 'go on holiday', 'What is next on the list?'],
  ...['はい', 'ありがとう', '続けて庭の話をして、次に図書館の歴史も書いて', 'more sugar'],
])('no continuation: %s', (text) => expect(isContinuation(text)).toBe(false))

test('continuation: time does not grow with what is repeated', () => {
  expect(isContinuation('ok '.repeat(19))).toBe(false)
  expect(isContinuation(`${'please, '.repeat(1e5)}x`)).toBe(false)
})
