import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '../../core/base/errors.ts'

export class SpoolError extends CodedError<'spool_full' | 'spool_unwritable'> {}

/** What a spool file holds: one JSON line per receipt, or one record per sealed segment of content. */
export type SpoolKind = 'receipts' | 'contents'

export interface SpoolFile {
  readonly name: string
  readonly kind: SpoolKind
  readonly pid: number
}

export function spoolFolder(dataFolder: string): string {
  return join(dataFolder, 'spool')
}

const EXTENSION = { receipts: 'jsonl', contents: 'bin' } as const

/** `receipts-<start of its process, base 36>-<pid>-<sequence>.<jsonl | bin>`: names sort by start, then by sequence. */
export function spoolName(kind: SpoolKind, startedMs: number, pid: number, sequence: number): string {
  return `${kind}-${startedMs.toString(36).padStart(9, '0')}-${pid}-${String(sequence).padStart(6, '0')}.${EXTENSION[kind]}`
}

const NAME = /^(receipts|contents)-[0-9a-z]{9}-(\d+)-(\d{6})\.(jsonl|bin)$/

/** Spool files of a folder, oldest first. */
export function listSpool(folder: string): readonly SpoolFile[] {
  return readdirSync(folder)
    .flatMap((name): SpoolFile[] => {
      const match = NAME.exec(name)
      return match === null ? [] : [{ name, kind: match[1] as SpoolKind, pid: Number(match[2]) }]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
