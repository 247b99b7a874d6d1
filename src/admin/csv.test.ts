import { expect, test } from 'vitest'
import { csv } from './csv.ts'

test('csv: what a spreadsheet would run is text, and a cell stays a cell', () => {
  for (const formula of ['=1+1', '+cmd|x', '-2+3', '@SUM(A1)', '\t=1', ' =1', '\r=1', '%x'])
    expect(csv([[formula]])).toMatch(/^"?'/)
  expect(csv([['a,b', 'say "x"', 'two\nlines', null, -5, 'plain']])).toBe(
    '"a,b","say ""x""","two\nlines",,-5,plain\r\n',
  )
})
