import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Role } from '../conversation/exchange.ts'
import { newestFrom, toolTurn } from './parts.ts'

const ROLES: Readonly<Record<string, Role>> = { u: 'user', a: 'assistant', t: 'tool', s: 'system' }

test.each([
  ['', 0],
  ['u', 0],
  ['a', 0],
  ['su', 0],
  ['ua', 0],
  ['uau', 2],
  ['uaua', 2],
  ['uaa', 0],
  ['uauaa', 2],
  ['uas', 2],
  ['aa', 0],
  ['uauaau', 5],
  ['uatt', 2],
  ['uatta', 2],
  ['suasu', 3],
])('newestFrom: everything after the last answer of the history is new, a prefill included: %s', (turns, first) => {
  expect(newestFrom([...turns].map((letter) => ROLES[letter]!))).toBe(first)
})

test('newestFrom: what is new starts at the top or after an answer, and holds answers only at its end', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<Role>('user', 'assistant', 'tool', 'system')), (roles) => {
      const first = newestFrom(roles)
      expect(first === 0 || roles[first - 1] === 'assistant').toBe(true)
      const said = roles.findLastIndex((role) => role !== 'assistant')
      expect(roles.slice(first, said + 1)).not.toContain('assistant')
      if (roles.length > 0) expect(first).toBeLessThan(roles.length)
    }),
  )
})

test('toolTurn: one untrusted part per tool with all its strings; no turn without tools', () => {
  expect(toolTurn(undefined, [])).toEqual([])
  const [turn] = toolTurn([{ name: 'read', schema: { properties: { path: { description: 'where' } } } }], ['bare'])
  expect(turn?.parts).toMatchObject([
    { place: 'tool_definition', trust: 'untrusted', text: 'name\nread\nschema\nproperties\npath\ndescription\nwhere' },
    { place: 'tool_definition', trust: 'untrusted', text: 'bare' },
  ])
})
