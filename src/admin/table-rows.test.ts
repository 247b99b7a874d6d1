import { expect, test } from 'vitest'
import { columnsOf, tableRows } from './table-rows.ts'

test('table rows: members of members get columns, what is deeper is JSON, what is missing is empty', () => {
  const rows = [
    { id: 'a', share: { lo: 0.1, hi: null }, tags: ['x', 'y'] },
    { id: 'b', share: { lo: 0.2, hi: { deep: 1 } }, open: true, list: [{ n: 1 }] },
  ]
  expect([columnsOf(rows), ...tableRows(rows)]).toEqual([
    ['id', 'share.lo', 'share.hi', 'tags', 'open', 'list'],
    ['a', 0.1, null, 'x; y', null, null],
    ['b', 0.2, '{"deep":1}', null, 'true', '[{"n":1}]'],
  ])
})
