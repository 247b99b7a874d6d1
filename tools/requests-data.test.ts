import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { everydayRequests } from '../src/io/model/read-everyday.ts'
import { ownRequests, unseenAttacks, unseenRequests } from '../src/io/model/read-requests.ts'
import { ownWrappings, unseenWrappings } from '../src/io/model/read-wrappings.ts'
import { expandPairs, type PairRow, REQUEST_EXPANSION, splitOf } from '../src/jobs/pairs/expand.ts'

/** The topics in `data/requests`, as shipped: what its README promises of them. */
const data = join(dirname(fileURLToPath(import.meta.url)), '..', 'data')
const { templates, shared } = await ownRequests(data)
const attacks = await unseenAttacks(data)
/** Of writers who teach nothing. */
const unseen = [...(await unseenRequests(data)).templates, ...attacks.templates]
const everyday = await everydayRequests(data)
const rows = expandPairs({ templates, shared }, REQUEST_EXPANSION)
const text = ({ turns }: PairRow) => turns.map(({ content }) => content).join('\n')
const topics = Map.groupBy(templates, ({ lang }) => lang)

test('requests data: at least 8,000 topics in English, 4,000 in Japanese, 100 each in sixteen languages more', () => {
  expect(topics.size).toBe(18)
  const least: Readonly<Record<string, number>> = { en: 8000, ja: 4000 }
  for (const [lang, own] of topics) expect(own.length, lang).toBeGreaterThanOrEqual(least[lang] ?? 100)
})

test('requests data: no text and no id comes twice, nothing is left unfilled', () => {
  expect(new Set(rows.map(text)).size).toBe(rows.length)
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  for (const row of rows) expect(text(row)).not.toMatch(/\[\[|\]\]|\|\||\{[a-z_0-9]+\}/)
})

test('requests data: every language has topics that are held out, about one in eight of all', () => {
  const held = templates.filter((one) => splitOf(one) === 'dev')
  expect(new Set(held.map(({ lang }) => lang)).size).toBe(18)
  expect(held.length / templates.length).toBeGreaterThan(0.1)
  expect(held.length / templates.length).toBeLessThan(0.15)
})

test('requests data: neither side is told by how long it is', () => {
  for (const [lang, own] of topics) {
    const [harmless, harmful] = [0, 1].map((side) =>
      own.reduce((sum, { slots }) => sum + slots['do']![0]!.split('||')[side]!.length, 0),
    )
    expect(harmful! / harmless!, lang).toBeGreaterThan(0.9)
    expect(harmful! / harmless!, lang).toBeLessThan(1.3)
  }
})

test('requests data: of writers who teach nothing every topic is held out, and none of them stands among the others', () => {
  expect(unseen.every((one) => splitOf(one) === 'dev')).toBe(true)
  expect([...new Set(unseen.map(({ lang }) => lang))].sort()).toEqual(['en', 'ja'])
  const taught = new Set(templates.flatMap(({ slots }) => slots['do']![0]!.split('||')))
  const own = unseen.flatMap(({ slots }) => slots['do']![0]!.split('||'))
  expect(own.filter((phrase) => taught.has(phrase))).toEqual([])
})

test('unseen attacks: three forms, and orders in documents, at least 50 of each in English and Japanese', () => {
  const kinds = Map.groupBy(attacks.templates, ({ lang, attack, turns }) => `${lang} ${attack} ${turns.length}`)
  expect([...kinds.keys()].sort()).toEqual(
    ['en', 'ja'].flatMap((lang) =>
      ['injection 1', 'injection 2', 'jailbreak 1', 'leak 1'].map((one) => `${lang} ${one}`),
    ),
  )
  for (const [kind, own] of kinds) expect(own.length, kind).toBeGreaterThanOrEqual(50)
})

test('requests data: forms of attack in every language, 1,500 topics in English and 800 in Japanese', () => {
  const attacking = Map.groupBy(
    templates.filter(({ attack }) => attack !== null),
    ({ lang }) => lang,
  )
  expect([...attacking.keys()].sort()).toEqual([...topics.keys()].sort())
  const least: Readonly<Record<string, number>> = { en: 1500, ja: 800 }
  for (const [lang, own] of attacking) expect(own.length, lang).toBeGreaterThanOrEqual(least[lang] ?? 20)
})

test('requests data: topics of children are not among them', () => {
  expect([...templates, ...unseen].filter(({ category }) => category === 'child-safety')).toEqual([])
})

test('everyday data: at least 100 requests in each language of the plain requests, none twice, about a fifth held out', () => {
  const texts = everyday.templates.map(({ slots }) => slots['do']![0]!)
  expect(new Set(texts).size).toBe(texts.length)
  const langs = Map.groupBy(everyday.templates, ({ lang }) => lang)
  expect([...langs.keys()].sort()).toEqual([...topics.keys()].sort())
  for (const [lang, own] of langs) expect(own.length, lang).toBeGreaterThanOrEqual(100)
  const held = everyday.templates.filter((one) => splitOf(one) === 'dev').length / everyday.templates.length
  expect(held).toBeGreaterThan(0.15)
  expect(held).toBeLessThan(0.25)
})

test('wrappings: 500 in English, 250 in Japanese, some in every other language of the requests; none twice, none of both kinds', async () => {
  const [own, strange] = [await ownWrappings(data), await unseenWrappings(data)]
  expect(Object.keys(own).sort()).toEqual([...topics.keys()].sort())
  const least: Readonly<Record<string, number>> = { en: 500, ja: 250 }
  for (const [lang, list] of Object.entries(own)) expect(list.length, lang).toBeGreaterThanOrEqual(least[lang] ?? 8)
  expect(Object.keys(strange).sort()).toEqual(['en', 'ja'])
  const all = [...Object.values(own), ...Object.values(strange)].flat()
  expect(new Set(all).size).toBe(all.length)
})

test('wrappings: they hold no word of rules or danger, so that neither side is theirs', async () => {
  const alarming =
    /\b(illegal|crimes?|criminal|dangerous|weapons?|drugs|jailbreak|unethical|ignore (all|any|your|previous))\b|違法|犯罪|武器|麻薬/i
  const all = Object.values({ ...(await ownWrappings(data)) }).flat()
  expect(all.filter((text) => alarming.test(text))).toEqual([])
})
