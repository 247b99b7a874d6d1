import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MORI } from '../../../test/fakes/people.ts'
import { formatVerifierKey } from '../../core/record/note-key.ts'
import { loadConfig } from './config.ts'
import { readPeople } from './people.ts'

const KEY = formatVerifierKey(MORI.key)
const LIST = `people:
  - {"id": "u-114", "name": "A. Mori", "keys": [{"key": "${KEY}", "from": "2026-01-01T00:00:00Z", "until": "2027-01-01T09:00:00+09:00"}]}
`

test('people: the configuration and a file of its own name them alike, with their keys read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-people-'))
  try {
    expect(loadConfig({}, folder).people).toEqual([])
    writeFileSync(join(folder, 'sluice.yaml'), LIST)
    const { people } = loadConfig({}, folder)
    const key = { key: MORI.key, fromMs: Date.UTC(2026, 0, 1), untilMs: Date.UTC(2027, 0, 1) }
    expect(people).toEqual([{ id: 'u-114', name: 'A. Mori', keys: [key] }])
    expect(readPeople(LIST)).toEqual(people)
    expect(readPeople(LIST.replace('people:\n', ''))).toEqual(people)
    writeFileSync(join(folder, 'sluice.yaml'), LIST + LIST.replace('people:\n', ''))
    expect(() => loadConfig({}, folder)).toThrow('`u-114` stands here twice')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('people: a list that cannot be used says where', () => {
  expect(readPeople('people: [')).toBe('not valid YAML')
  expect(readPeople('mode: observe')).toContain('`people`')
  expect(readPeople(LIST.replace('from', 'since'))).toContain('`0.keys.0.from`')
  expect(readPeople(LIST.replace(KEY, `x${KEY.slice(1)}`))).toContain('its id is')
  expect(readPeople(LIST.replace(KEY, 'a key'))).toContain('verifier key: wanted')
})
