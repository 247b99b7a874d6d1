import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A file larger than it may be. */
export class LargeFileError extends Error {}

/**
 * A plain file, whole, or null where there is none. A link, a pipe or a device in its place is refused: a folder that
 * somebody else filled must not make us read another, or wait.
 * @throws {LargeFileError} more than `mostBytes`.
 */
export async function readWhole(path: string, mostBytes: number): Promise<Uint8Array | null> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null
    throw error
  }
  try {
    const facts = await file.stat()
    if (facts.isDirectory()) return null
    if (!facts.isFile()) throw new Error(`\`${path}\`: wanted a plain file`)
    if (facts.size > mostBytes) throw new LargeFileError(`\`${path}\`: more than ${mostBytes} bytes`)
    const bytes = await file.readFile()
    if (bytes.length > mostBytes) throw new LargeFileError(`\`${path}\`: more than ${mostBytes} bytes`)
    return new Uint8Array(bytes)
  } finally {
    await file.close()
  }
}

/**
 * Writes a file whole or not at all: a reader sees what was there before, or all of this, also after a crash.
 * @param durable Waits until it survives a power cut.
 */
export async function writeWhole(path: string, bytes: Uint8Array, durable: boolean, mode = 0o644): Promise<void> {
  const folder = dirname(path)
  const partial = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    const file = await openNew(partial, mode)
    try {
      await file.writeFile(bytes)
      if (durable) await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
  if (durable) await syncFolder(folder)
}

/** Its folder is made where there is none: rarely so, and asking every time costs more than all the rest. */
async function openNew(path: string, mode: number): Promise<FileHandle> {
  try {
    return await open(path, 'wx', mode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await mkdir(dirname(path), { recursive: true })
    return open(path, 'wx', mode)
  }
}

/** The name of a file is durable when its folder is. Windows has no such call, and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
