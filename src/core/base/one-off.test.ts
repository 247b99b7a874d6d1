import { expect, test } from 'vitest'
import { oneOff } from './one-off.ts'

const cases: [why: string, written: string, found: string | null][] = [
  ['one letter less', 'falbacks', 'fallbacks'],
  ['one letter more', 'modes', 'mode'],
  ['another letter', 'made', 'mode'],
  ['two neighbours swapped', 'mdoe', 'mode'],
  ['two letters off', 'mo', null],
  ['two that are swapped, but not neighbours', 'eodm', null],
  ['nothing like it', 'colour', null],
]
for (const [why, written, found] of cases)
  test(`one off: ${why}`, () => expect(oneOff(written, ['fallbacks', 'mode'])).toBe(found))
