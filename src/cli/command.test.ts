import { mkdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { failed, parseFlags, type Takes } from './command.ts'

const TAKES: Takes = { command: 'thing', flags: ['json'], values: ['workers', 'reason'] }

test('options: flags, values in both forms, `-m` and what is left over', () => {
  const { options, rest } = parseFlags(
    ['a', '--json', '--workers', '2', '-m', 'a b', 'b', '-', '--reason=x=-y\nz'],
    TAKES,
  )
  expect([Object.fromEntries(options), rest]).toEqual([{ json: '', workers: '2', reason: 'x=-y\nz' }, ['a', 'b', '-']])
})

const faults: [why: string, args: string[], says: string][] = [
  ['an unknown one', ['--foo', '1'], 'thing: takes no `--foo`; see `sluice thing --help`'],
  ['one with a value', ['--foo=1'], 'thing: takes no `--foo`; see'],
  ['one letter off', ['--wrkers', '2'], 'takes no `--wrkers`; `--workers` is one; see'],
  ['one of a single letter', ['-x'], 'takes no `-x`; see'],
  ['a flag with a value', ['--json=no'], '`--json` takes no value; see'],
  ['a value that is missing', ['--workers'], '`--workers` wants a value; see'],
  ['another option in the place of a value', ['--workers', '--json'], '`--workers` wants a value; see'],
]
for (const [why, args, says] of faults)
  test(`options: ${why} is named, with the page`, () => {
    expect(() => parseFlags(args, TAKES)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(says) }),
    )
  })

test('options: `-m` is unknown where no reason is taken', () => {
  expect(() => parseFlags(['-m', 'why'], { ...TAKES, values: [] })).toThrow(/takes no `-m`/)
})

test('failed: what the system says of a file that was named is told; any other error is a bug, and thrown', () => {
  let said = ''
  const terminal = { stderr: (text: string) => void (said += text) }
  const fault = (path: string, act: () => unknown) => {
    try {
      act()
    } catch (error) {
      return [failed(error, terminal), said.split('\n').at(-2)]
    }
    throw new Error(path)
  }
  expect(fault('/none', () => readFileSync('/none'))).toEqual([1, 'sluice: /none is not there'])
  expect(fault('/none/x', () => mkdirSync('/none/x'))[1]).toContain('its folder is not there; make that first')
  expect(() => failed(new TypeError('of undefined'), terminal)).toThrow('of undefined')
})
