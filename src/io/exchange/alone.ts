import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CodedError } from '../../core/base/errors.ts'

/** Somebody else is at this feed now. */
export class FeedBusyError extends CodedError<'busy'> {}

/** SQLite's result code for a file that another holds. Source: sqlite.org/rescode.html. */
const SQLITE_BUSY = 5

/**
 * Runs `act` while nobody else does so in the same folder: two writers of a feed
 * would sign two histories, and two readers write the same receipts. The lock is one of the system's, by way of a database
 * in which nothing is written: whoever ends, however, holds it no more. @throws {FeedBusyError}
 */
export async function alone<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'))
  try {
    hold(lock, folder)
    return await act()
  } finally {
    lock.close()
  }
}

function hold(lock: DatabaseSync, folder: string): void {
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error
    throw new FeedBusyError('busy', `another process is at the feed in ${folder}; try again when it is done`)
  }
}
