import fc from 'fast-check'
import { expect, test } from 'vitest'
import { severityWordsIn } from './severity-words.ts'

const places = (text: string) => severityWordsIn(text).map(({ at, word }) => [at, word])

test('severity words: whole words in any case and width, each with its offset in UTF-16 units', () => {
  expect(places('This is CRITICAL.')).toEqual([[8, 'critical']])
  expect(places('🔥 Ｓｅｖｅｒｅ hole')).toEqual([[3, 'severe']])
  expect(places('a high‑risk and Sev 1 case')).toEqual([
    [2, 'high-risk'],
    [16, 'sev 1'],
  ])
  expect(places('この手法は深刻で、極めて危険')).toEqual([
    [5, '深刻'],
    [9, '極めて'],
    [12, '危険'],
  ])
})

test('severity words: of words inside one another the longest is named', () => {
  expect(places('an extremely long prompt')).toEqual([[3, 'extremely']])
})

test('severity words: what a thing is called is no word of severity', () => {
  const free = [
    ...['critical infrastructure', 'a critical section of C', 'serious crime', 'the severity vector', 'hypercritical'],
    ...['シグネチャの深刻度ベクトル', '危険物の輸送', '緊急停止の手順', 'asks to review code', 'コードの点検'],
  ]
  for (const text of free) expect([text, places(text)]).toEqual([text, []])
})

test('severity words: every offset points at a word of that length, and none is missed by what stands around it', () => {
  const around = fc.string({ unit: 'grapheme', maxLength: 12 })
  fc.assert(
    fc.property(around, fc.constantFrom('critical', 'dangerous', '致命的', '最悪'), around, (before, word, after) => {
      const text = `${before} ${word} ${after}`
      const found = severityWordsIn(text)
      for (const { at, length } of found) expect(at + length).toBeLessThanOrEqual(text.length)
      const exempt = /^ (infrastructure|sections?|path|goods)/.test(` ${after.toLowerCase()}`)
      if (!exempt) expect(found.some(({ at }) => at <= before.length + 1)).toBe(true)
    }),
  )
})
