import { expect, test } from 'vitest'
import { aReceipt } from '../../test/fakes/a-receipt.ts'
import { adminApp } from './app.ts'
import type { AdminPorts } from './ports.ts'

test('a table of many decisions is read page by page, and counted once at most', async () => {
  const asked: unknown[] = []
  const pages = [null, '1', '2', '3']
  const store = {
    async decisions(_: unknown, limit: number, cursor: string | null) {
      asked.push([limit, cursor])
      const next = pages[pages.indexOf(cursor) + 1] ?? null
      return { items: [{ receipt: aReceipt(), hash: 'h' }], next }
    },
    async count() {
      asked.push('count')
      return 4
    },
  }
  const app = adminApp({ store, hosts: new Set(['localhost']), releases: {}, reports: {} } as unknown as AdminPorts)
  const get = (path: string) => app.request(`http://localhost${path}`, { headers: { host: 'localhost' } })
  const table = await (await get('/live.csv')).text()
  expect(table.trim().split('\r\n')).toHaveLength(5)
  expect(asked).toEqual([[500, null], 'count', [500, '1'], [500, '2'], [500, '3']])
  expect(await (await get('/api/decisions?limit=9')).json()).toMatchObject({ total: 4, next: '1' })
  expect(await (await get('/api/decisions?limit=9&cursor=3')).json()).toMatchObject({ total: null, next: null })
})
