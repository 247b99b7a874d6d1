import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { CodedError } from '../core/base/errors.ts'

/** The data folder cannot be used. The message says why, and what to do. */
export class DataFolderError extends CodedError<'data_unusable'> {}

const ELSEWHERE = 'name another folder with SLUICE_DATA'
const FAULTS: Readonly<Record<string, string>> = {
  EEXIST: `is a file; move it away, or ${ELSEWHERE}`,
  ENOTDIR: `lies below a file; ${ELSEWHERE}`,
  EACCES: `cannot be written by this user; give it to them, or ${ELSEWHERE}`,
  EPERM: `cannot be written by this user; give it to them, or ${ELSEWHERE}`,
  EROFS: `lies on a disk that is read-only; ${ELSEWHERE}`,
  ENOSPC: `cannot be made, since the disk is full; free space, or ${ELSEWHERE}`,
}

/** Makes the data folder where it is missing, and asks whether it can be written. @throws {DataFolderError} */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    const fault = FAULTS[code] ?? `cannot be made (${code}); ${ELSEWHERE}`
    throw new DataFolderError('data_unusable', `data folder ${folder} ${fault}`, { cause })
  }
}
