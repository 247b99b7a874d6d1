import { type FileHandle, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '../../core/base/errors.ts'

/** Somebody else is at this feed now. */
export class FeedBusyError extends CodedError<'busy'> {}

/**
 * Runs `act` while nobody else does so in the same folder: two writers of a feed
 * would sign two histories, and two readers write the same receipts. The lock of a process
 * that is no more is taken over. @throws {FeedBusyError}
 */
export async function alone<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const path = join(folder, 'lock')
  const handle = (await lock(path)) ?? (await takeOver(path))
  if (handle === null) throw new FeedBusyError('busy', `another process is at this feed; if none is, remove ${path}`)
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
