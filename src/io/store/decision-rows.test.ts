import { expect, test } from 'vitest'
import { spooled } from '../../../test/fakes/store-contract.ts'
import { decisionRow, makeCursor, parseCursor } from './decision-rows.ts'

test('rows: a model’s name that holds U+0000 can be spooled everywhere, and the line keeps what was asked', () => {
  const row = spooled({ model: 'a\0b' })
  expect(decisionRow(row)).toMatchObject({ requested_model: 'a\ufffdb', served_model: 'a\ufffdb', receipt: row.line })
})

test('rows: a cursor is read back as it was made, and nothing else is one', () => {
  expect(parseCursor(makeCursor(1_795_500_000_000, 'dec_1'))).toEqual({ atMs: 1_795_500_000_000, id: 'dec_1' })
  for (const cursor of ['', '🙂', makeCursor(-1, 'a'), makeCursor(1.5, 'a'), makeCursor(1, ''), makeCursor(1, 'a b')])
    expect(() => parseCursor(cursor), cursor).toThrow(expect.objectContaining({ code: 'cursor_invalid' }))
})
