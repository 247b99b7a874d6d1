import { type FileHandle, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '../../core/base/errors.ts'
import type { OwnFeed } from '../../jobs/feed/ports.ts'
import { readWhole, writeWhole } from './whole-file.ts'

/** Somebody else writes this feed now. */
export class FeedBusyError extends CodedError<'busy'> {}

const MOST_FILE_BYTES = 64 * 1024 * 1024

/** The folder that partners read, and beside the keys what was signed for it last. */
export function ownFeedFolder(folder: string, keys: string): OwnFeed {
  const signedPath = (level: string) => join(keys, `${level}.signed`)
  return {
    read: (path) => readWhole(join(folder, path), MOST_FILE_BYTES),
    // What a checkpoint will point to is hashed, so a lost file is seen; what must survive is the checkpoint.
    write: (path, bytes) => writeWhole(join(folder, path), bytes, !path.includes('/objects/')),
    async lastSigned(level) {
      const bytes = await readWhole(signedPath(level), MOST_FILE_BYTES)
      return bytes === null ? null : new TextDecoder().decode(bytes)
    },
    saveSigned: (level, note) => writeWhole(signedPath(level), new TextEncoder().encode(note), true, 0o600),
  }
}

/**
 * Runs `act` while nobody else does so with the same keys: two writers would sign two histories. The lock of a process
 * that is no more is taken over. @throws {FeedBusyError}
 */
export async function alone<T>(keys: string, act: () => Promise<T>): Promise<T> {
  const path = join(keys, 'lock')
  const handle = (await lock(path)) ?? (await takeOver(path))
  if (handle === null) throw new FeedBusyError('busy', `another process writes this feed; if none does, remove ${path}`)
  try {
    await handle.writeFile(`${process.pid}\n`)
    return await act()
  } finally {
    await handle.close()
    await rm(path, { force: true })
  }
}

async function lock(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null
    throw error
  }
}

async function takeOver(path: string): Promise<FileHandle | null> {
  const owner = Number((await readFile(path, 'utf8').catch(() => '')).trim())
  // A lock without a number is being taken right now.
  if (!Number.isInteger(owner) || owner < 1 || isRunning(owner)) return null
  await rm(path, { force: true })
  return lock(path)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
