import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hono } from 'hono'
import type { DecisionRow } from '../../src/admin/contract.ts'
import { publicRecordRoutes } from '../../src/admin/record.ts'
import type { RecordAdmin, RecordStatus } from '../../src/admin/record-admin.ts'
import { type Entry, entryBytes } from '../../src/core/record/entry.ts'
import { openFolder } from '../../src/io/record/folder-reader.ts'
import { ORIGIN, treeOf, writeFolder } from '../record/folder.ts'
import { sha256 } from '../record/notes.ts'
import { NOW_MS } from './admin-data.ts'

/** Entries of the invented record: more than one bundle, and the last one not full. */
export const RECORD_SIZE = 300
/** Size of a checkpoint that is kept from before. */
export const RECORD_BEFORE = 120
/** A document that entry 1 names. */
const DOCUMENT = Buffer.from('{"authorities":[]}')

/** The real routes over a folder by a writer that is not Sluice's: what the page verifies, another program signed. */
export function recordFixture(app: Hono, rows: readonly DecisionRow[], size: 'day' | 'few' | 'none'): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-record-page-'))
  if (size !== 'none')
    writeFolder(folder, treeOf(entries(rows, size === 'day' ? RECORD_SIZE : 1)), {
      kept: size === 'day' ? [RECORD_BEFORE] : [],
      documents: [DOCUMENT],
    })
  const { read } = openFolder(folder)
  // Only files are read on these pages.
  publicRecordRoutes(app, { record: { file: read } as unknown as RecordAdmin })
  app.get('/api/record', (context) => context.json({ ...STATUS, size: size === 'day' ? RECORD_SIZE : 0 }))
  return () => rmSync(folder, { recursive: true, force: true })
}

const STATUS: RecordStatus = {
  ...{ origin: ORIGIN, key: null, witnessKey: null, size: 0, root: null, atMs: NOW_MS },
  ...{ witnesses: ['witness.example/w1', 'witness.example/w2'], waiting: 2 },
}

const hashName = (text: string | Buffer) => `sha256:${sha256(text).toString('hex')}`

/** A release on its way, traffic, an appeal now and then. */
function entries(rows: readonly DecisionRow[], count: number): readonly Buffer[] {
  const at = (i: number) => new Date(NOW_MS - (count - i) * 60_000).toISOString()
  const one = (i: number, k: Entry['k'], about: string, d: Entry['d'], more: object = {}, who = 'system:gateway') =>
    Buffer.from(entryBytes({ v: 1, k, at: at(i), who, about, ...more, d } as Entry))
  return Array.from({ length: count }, (_, i) => {
    const row = rows[i % rows.length]
    if (i === 0 || row === undefined)
      return one(i, 'safeguard', 'shipped', { move: 'ship', from: 'none', to: 'enforcing', slot: 'base' })
    if (i === 1)
      return one(i, 'authority', 'register', { version: 1, hash: hashName(DOCUMENT) }, { h: hashName(DOCUMENT) })
    if (i % 40 === 7) {
      const d = { appeal: row.id.replace('dec_', 'apl_'), decision: row.id, move: 'file', from: 'none', to: 'open' }
      return one(i, 'appeal', d.appeal, { ...d, role: 'caller' }, {}, 'org:caller')
    }
    if (i % 50 === 3)
      return one(i, 'report', 'JRX-2026-000001', { object: hashName(`report ${i}`), publisher: 'lab-b' })
    const d = {
      ...{ action: row.action, would: row.would, mode: 'enforce', reasons: row.reason === null ? [] : [row.reason] },
      ...{ decided: at(i), safeguards: { base: 'base-2026.11.20' }, asked: row.requestedModel },
      ...{ skipped: [], unavailable: [], org: `hmac-sha256:${sha256(`org ${i}`).toString('hex')}` },
    }
    return one(i, 'decision', row.id, d, { h: hashName(`receipt ${i}`) })
  })
}
