import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tilePath } from '../../core/record/tile.ts'
import type { RecordFiles } from '../../jobs/record-ports.ts'

/** The record's folder. A file is written aside, synced, renamed, and its folder synced: it is there whole, or not. */
export function openRecordFiles(folder: string): RecordFiles {
  const write = (path: string, bytes: Uint8Array | string) => writeWhole(join(folder, path), bytes)
  const read = (path: string) => readIfThere(join(folder, path))
  /** A file whose content never changes is written once. */
  const writeOnce = async (path: string, bytes: Uint8Array | string) => {
    const known = await read(path)
    if (known === null || !known.equals(Buffer.from(bytes))) await write(path, bytes)
  }
  return {
    checkpoint: async () => (await read('checkpoint'))?.toString('utf8') ?? null,
    writeTile: (tile, bytes) => writeOnce(tilePath(tile), bytes),
    writeCheckpoint: (note) => write('checkpoint', note),
    keepCheckpoint: (size, note) => writeOnce(join('checkpoints', String(size)), note),
    writePolicy: (text) => writeOnce('log.policy', text),
    writeDocument: (hash, bytes) => writeOnce(join('documents', hash.slice(0, 2), hash), bytes),
    dropPartials: (tile) => rm(join(folder, `${tilePath(tile)}.p`), { recursive: true, force: true }),
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o755 })
  const aside = `${path}.${randomBytes(4).toString('hex')}.tmp`
  const handle = await open(aside, 'wx', 0o644)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(aside, path)
  await syncFolder(folder)
}

/** Not every system lets a folder be opened; where it does not, the rename is as durable as it makes it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
