import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openParquet } from './duckdb-receipts.ts'
import { folderBook } from './folder-book.ts'

const root = mkdtempSync(join(tmpdir(), 'sluice-book-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const chunks = [0, 1, 2].map((seq) => ({
  ...{ job: 'j', seq, requests: 10, from: { atMs: 0, id: '' }, until: null },
}))

test('folder book: opened again it knows what is done; a half-written result is not', async () => {
  const folder = join(root, 'one')
  const first = folderBook(folder, chunks)
  expect(await first.leaseChunk('j', 'w', 0, 1)).toEqual(chunks[0])
  await first.finishChunk(chunks[0]!, 'w', new Uint8Array([7, 0, 255]))
  writeFileSync(join(folder, '1.chunk.part'), 'half')
  const again = folderBook(folder, chunks)
  expect(await again.replayProgress('j')).toEqual({ chunks: 3, chunksDone: 1, requests: 30, requestsDone: 10 })
  expect(await again.leaseChunk('j', 'w', 0, 1)).toEqual(chunks[1])
  expect(await again.chunkResult('j', 0)).toEqual(new Uint8Array([7, 0, 255]))
  expect(await again.chunkResult('j', 1)).toBeNull()
  for (const chunk of chunks.slice(1)) await again.finishChunk(chunk, 'w', new Uint8Array(1))
  expect(await again.leaseChunk('j', 'w', 0, 1)).toBeNull()
  expect(readdirSync(folder)).toHaveLength(3)
  again.remove()
  expect(existsSync(folder)).toBe(false)
})

const installed = await import('@duckdb/node-api' as string).then(
  () => true,
  () => false,
)

test.runIf(!installed)('parquet: without its engine it says what to install', async () => {
  await expect(openParquet('x.parquet')).rejects.toMatchObject({
    code: 'duckdb_missing',
    message: expect.stringContaining('npm install @duckdb/node-api'),
  })
})

test.runIf(installed)(
  'parquet: receipts come in pages in the order of the file, and a file without them is named',
  async () => {
    const { DuckDBInstance } = (await import('@duckdb/node-api' as string)) as {
      DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<{ run(sql: string): Promise<unknown> }> }> }
    }
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const file = join(root, 'receipts.parquet')
    await connection.run(
      `copy (select '{"id":"dec_' || range || '"}' as receipt from range(25)) to '${file}' (format parquet)`,
    )
    await connection.run(`copy (select 1 as other) to '${join(root, 'other.parquet')}' (format parquet)`)
    const receipts = await openParquet(file)
    expect(receipts.rows).toBe(25)
    expect((await receipts.page(20, 10)).map(({ id }) => id)).toEqual([20, 21, 22, 23, 24].map((n) => `dec_${n}`))
    receipts.close()
    await expect(openParquet(join(root, 'other.parquet'))).rejects.toMatchObject({ code: 'parquet_unreadable' })
  },
)
