import { accessSync, constants, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CodedError } from '../core/base/errors.ts'
import { codeOf, writeFault } from './file-fault.ts'

/** A file or folder that somebody named cannot be written. */
export class OutFileError extends CodedError<'file_unwritable'> {}

/**
 * Asked before long work, or before something is changed, whose result goes into a file.
 * @throws {OutFileError} what keeps it from being written, and what to do.
 */
export function assertWritable(file: string): void {
  naming(file, () => {
    const found = statSync(file, { throwIfNoEntry: false })
    if (found?.isDirectory()) throw new OutFileError('file_unwritable', `${file} ${writeFault('EISDIR')}`)
    if (found === undefined && !statSync(dirname(file)).isDirectory())
      throw new OutFileError('file_unwritable', `${file} ${writeFault('ENOTDIR')}`)
    accessSync(found === undefined ? dirname(file) : file, constants.W_OK)
  })
}

/** @param mode Of a file that is new. @throws {OutFileError} */
export function writeOut(file: string, data: string | Uint8Array, mode = 0o666): void {
  naming(file, () => writeFileSync(file, data, { mode }))
}

/** A folder, with all above it that are missing. @throws {OutFileError} */
export function makeFolder(folder: string): void {
  naming(folder, () => mkdirSync(folder, { recursive: true }))
}

function naming(path: string, act: () => void): void {
  try {
    act()
  } catch (cause) {
    if (cause instanceof OutFileError) throw cause
    throw new OutFileError('file_unwritable', `${path} ${writeFault(codeOf(cause))}`, { cause })
  }
}
