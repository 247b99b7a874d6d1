import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvRecords } from './csv.ts'

async function read(...pieces: string[]): Promise<[number, ...string[]][]> {
  async function* given() {
    yield* pieces
  }
  const records: [number, ...string[]][] = []
  for await (const { line, fields } of csvRecords(given())) records.push([line, ...fields])
  return records
}

test('csv: quotes, doubled quotes, commas and line ends in fields, CRLF, empty fields and lines', async () => {
  expect(await read('\ufeffa,b\r\n1,"x, ""y""\nz"\n\n,\n"",q"r')).toEqual([
    [1, 'a', 'b'],
    [2, '1', 'x, "y"\nz'],
    [5, '', ''],
    [6, '', 'q"r'],
  ])
})

test('csv: a fault names its line', async () => {
  await expect(read('a\n"b"c')).rejects.toThrow('line 2: text after a closing quote')
  await expect(read('a\nb\n"c\nd')).rejects.toThrow('line 3: a quote is never closed')
})

test('csv: what is written as RFC 4180 says is read back, however it was cut', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', '語', '😀'), maxLength: 8 })
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(field, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
      fc.nat(60),
      async (rows, cut) => {
        const text = [...rows.map((row) => row.map(quoted).join(',')).join('\r\n')]
        const records = await read(text.slice(0, cut).join(''), text.slice(cut).join(''))
        expect(records.map(([, ...fields]) => fields)).toEqual(rows)
      },
    ),
  )
})
