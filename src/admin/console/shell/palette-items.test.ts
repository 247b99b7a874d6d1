import { expect, test } from 'vitest'
import { en } from '../messages/en.ts'
import { ja } from '../messages/ja.ts'
import { paletteItems } from './palette-items.ts'

const inEnglish = (typed: string) => paletteItems(typed, (key) => en[key])
const targets = (typed: string) => inEnglish(typed).map((item) => ('to' in item ? item.to : item.act))

test('palette: without words it offers every page and act; with words, those that fit, then a search', () => {
  expect(targets('').length).toBeGreaterThan(10)
  expect(targets('')).not.toContain('/live?q=')
  expect(targets('collat')).toEqual(['/collateral', '/live?q=collat', '/record?q=collat'])
  expect(paletteItems('異議', (key) => ja[key])[0]).toMatchObject({ kind: 'place', to: '/appeals', keys: 'G A' })
})

test('palette: an id goes to its object, whatever its width', () => {
  for (const [typed, to] of [
    ['dec_01K8ZQ4T2W', '/decisions/dec_01K8ZQ4T2W'],
    ['ｄｅｃ＿01K8', '/decisions/dec_01K8'],
    [' rev_1 ', '/review?item=rev_1'],
    ['jrx-2026-000001', '/jailbreaks/JRX-2026-000001'],
    ['73894', '/record/73894'],
  ])
    expect(inEnglish(typed!)[0]).toMatchObject({ kind: 'object', to })
})
