import { createReadStream, readFileSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { CodedError } from '../core/base/errors.ts'
import { codeOf, readFault } from './file-fault.ts'

export class TextFileError extends CodedError<'file_unreadable'> {}

/**
 * Text of a file in pieces, gzipped where its name ends so. Bytes that are no UTF-8 are an error: text that was guessed would
 * be learned from, or measured.
 * @throws {TextFileError} what keeps it from being read, and what to do.
 */
export async function* textOfFile(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    const bytes = createReadStream(file)
    for await (const chunk of file.endsWith('.gz') ? piped(bytes) : bytes)
      yield decoder.decode(chunk as Uint8Array, { stream: true })
    yield decoder.decode()
  } catch (cause) {
    throw new TextFileError('file_unreadable', `${file} ${faultOf(cause)}`, { cause })
  }
}

/** A small file that somebody named, whole. @throws {TextFileError} as `textOfFile`. */
export function wholeText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (cause) {
    throw new TextFileError('file_unreadable', `${file} ${faultOf(cause)}`, { cause })
  }
}

/** A pipe passes no error of its source on. */
function piped(bytes: ReturnType<typeof createReadStream>): AsyncIterable<Uint8Array> {
  const unzipped = createGunzip()
  bytes.once('error', (error) => unzipped.destroy(error))
  return bytes.pipe(unzipped)
}

function faultOf(cause: unknown): string {
  const code = codeOf(cause)
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8; save it in that encoding'
  if (code.startsWith('Z_')) return 'is no whole gzip file; drop the .gz of its name, or make it again'
  return readFault(code)
}
