import { expect, test } from 'vitest'
import { MORI, OKAFOR, PEOPLE, STRANGER } from '../../../test/fakes/people.ts'
import { holderOf, isValidAt, type Person, peopleFaults } from './person.ts'

const [mori, okafor] = PEOPLE as readonly [Person, Person]
const faults = (...people: readonly Person[]) => peopleFaults(people).join('; ')

test('people: a list is one where nobody stands twice, by id, name or key, and every key is bound to its person', () => {
  expect(peopleFaults(PEOPLE)).toEqual([])
  expect(peopleFaults([])).toEqual([])
  expect(faults({ ...mori, id: 'A. Mori' })).toContain('wanted u- and letters')
  expect(faults(mori, { ...okafor, id: 'u-114' })).toContain('`u-114` stands here twice')
  expect(faults(mori, { ...okafor, name: ' a. MORI' })).toContain('`a. mori` is the name of two people')
  expect(faults(mori, { ...okafor, keys: mori.keys })).toContain('stands here twice')
  expect(faults({ ...okafor, keys: mori.keys })).toContain('is no key of u-201')
  const cosigns = { ...mori.keys[0]!, key: { ...MORI.key, type: 'cosignature' as const } }
  expect(faults({ ...mori, keys: [cosigns] })).toContain('is no key of u-114')
  expect(faults({ ...mori, keys: [{ ...mori.keys[0]!, untilMs: mori.keys[0]!.fromMs }] })).toContain('before `until`')
})

test('people: a key is found by itself, not by the name or the id that it goes by', () => {
  expect(holderOf(PEOPLE, { ...OKAFOR.key, name: 'u-114', id: MORI.key.id })?.person.id).toBe('u-201')
  expect(holderOf(PEOPLE, STRANGER.key)).toBeNull()
})

test('people: a key is valid from its first moment on, and at its last no longer', () => {
  const key = { key: MORI.key, fromMs: 10, untilMs: 20 }
  expect([9, 10, 19, 20].map((at) => isValidAt(key, at))).toEqual([false, true, true, false])
})
