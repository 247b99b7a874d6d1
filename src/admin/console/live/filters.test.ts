import { expect, test } from 'vitest'
import type { DecisionRow } from '../../contract.ts'
import { filtersOf, matches, paramsOf, without, withTyped } from './filters.ts'

test('filters: what is typed becomes fields, more values of a field, and text', () => {
  const cases: readonly (readonly [typed: string, address: string])[] = [
    ['action:refuse', 'action=refuse'],
    ['action:refuse,fall_back action:refuse', 'action=refuse%2Cfall_back'],
    ['category:cyber  minato freight', 'category=cyber&q=minato+freight'],
    ['ａｃｔｉｏｎ：ｒｅｆｕｓｅ', 'action=refuse'],
    ['colour:red', 'q=colour%3Ared'],
    ['q:x', 'q=q%3Ax'],
    ['action:', 'q=action%3A'],
  ]
  for (const [typed, address] of cases)
    expect([typed, paramsOf(withTyped({}, typed)).toString()]).toEqual([typed, address])
})

test('filters: typing adds to what is there, and a field can be removed', () => {
  const both = withTyped({ action: 'refuse', q: 'a' }, 'action:flag b')
  expect(both).toEqual({ action: 'refuse,flag', q: 'a b' })
  expect(without(both, 'action')).toEqual({ q: 'a b' })
})

test('filters: an address gives known fields with a value, and nothing else', () => {
  expect(filtersOf({ action: 'refuse', model: ' ', window: '7d', q: 7 })).toEqual({ action: 'refuse' })
})

test('filters: a row that arrives is kept when every field names one of its values', () => {
  const row = {
    action: 'flag',
    would: 'refuse',
    category: 'cyber',
    surface: 'chat',
    org: 'Aoba Systems',
    requestedModel: 'model-f-5',
    servedModel: 'model-s-4',
  } as DecisionRow // the other fields are not looked at
  const cases: readonly (readonly [filters: Parameters<typeof matches>[1], kept: boolean])[] = [
    [{}, true],
    [{ action: 'flag,refuse' }, true],
    [{ action: 'refuse' }, false],
    [{ would: 'refuse' }, true],
    [{ model: 'model-s-4' }, true],
    [{ model: 'model-x' }, false],
    [{ category: 'bio' }, false],
    [{ surface: 'chat', org: 'Aoba Systems' }, true],
  ]
  for (const [filters, kept] of cases) expect([filters, matches(row, filters)]).toEqual([filters, kept])
  expect(matches({ ...row, category: null }, { category: 'cyber' })).toBe(false)
})
