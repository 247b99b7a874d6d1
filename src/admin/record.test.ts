import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { AdminPorts } from './ports.ts'
import { recordRoutes } from './record.ts'
import { viewRoutes } from './view-routes.ts'

/** The newest come first: only the oldest is of another kind, and only it names a document. */
const ENTRIES = Array.from({ length: 5_250 }, (_, index) => {
  const entry = { v: 1, k: index === 0 ? 'safeguard' : 'rollup', ...(index === 0 ? { h: 'aa' } : {}), d: { n: index } }
  return { index, bytes: new TextEncoder().encode(JSON.stringify(entry)) }
}).reverse()

function console(entries = ENTRIES) {
  const store = {
    recentEntries: async (limit: number, before: number | null) =>
      entries.filter(({ index }) => before === null || index < before).slice(0, limit),
  }
  const app = new Hono()
  recordRoutes(app, { store } as unknown as AdminPorts)
  viewRoutes(app)
  return async (path: string) => {
    const response = await app.request(`http://localhost${path}`)
    return { link: response.headers.get('link'), text: await response.text() }
  }
}
const lines = (text: string) => text.replace('\ufeff', '').trim().split('\r\n')
const indices = (text: string) =>
  lines(text)
    .slice(1)
    .map((line) => Number(line.split(',')[0]))

test('the record as a table is whole, with the columns that only an old entry has', async () => {
  const { text } = await console()('/record.csv')
  expect(indices(text)).toEqual(ENTRIES.map(({ index }) => index))
  expect(lines(text)[0]).toBe('index,entry.v,entry.k,entry.d,entry.h,entry.prev')
  expect(lines(text).at(-1)).toBe('0,1,safeguard,"{""n"":0}",aa,')
})

test('a search of the record as a table looks as far back as the record goes', async () => {
  expect(indices((await console()('/record.csv?kind=safeguard')).text)).toEqual([0])
  expect(indices((await console()('/record.csv?kind=rollup')).text)).toHaveLength(ENTRIES.length - 1)
  expect(indices((await console()('/record.csv?q=%22n%22%3A50&before=506')).text)).toEqual([
    505, 504, 503, 502, 501, 500, 50,
  ])
  expect((await console()('/record.csv?q=nowhere')).text.trim()).toBe('')
  expect((await console([])('/record.csv')).text.trim()).toBe('')
})

test('a part of the record says where the next begins, and the last says nothing', async () => {
  const get = console()
  expect((await get('/api/record/entries')).link).toBe('</api/record/entries?before=5150>; rel="next"')
  expect((await get('/api/record/entries?before=100')).link).toBeNull()
  expect((await get('/api/record/entries?before=0')).link).toBeNull()
  expect(await get('/api/record/entries?kind=safeguard')).toEqual({
    link: '</api/record/entries?kind=safeguard&before=250>; rel="next"',
    text: '[]',
  })
})
