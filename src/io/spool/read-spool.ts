import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { SegmentBatch, SpoolBatch, SpoolSource } from '../../jobs/spool-ports.ts'
import { decodeSegments } from './segments.ts'
import { listSpool, spoolFolder } from './spool-files.ts'

const CHUNK_BYTES = 1024 * 1024
const LF = 10

/** The spool files of a data folder, read from where the drainer stands. Reads whole lines only. */
export function openSpoolSource(dataFolder: string): SpoolSource {
  const folder = spoolFolder(dataFolder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const size = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0
  return {
    files() {
      const files = listSpool(folder)
      return files.map(({ name, kind, pid }) => {
        // Names sort by start and sequence: a writer that opened a later file has left this one, also when a new
        // process was given the old one's id.
        const later = files.some((other) => other.kind === kind && other.pid === pid && other.name > name)
        // Asked before the size: what a writer appended just before it died counts.
        const closed = later || !isAlive(pid)
        return { name, kind, bytes: size(name), closed }
      })
    },
    read: (name, offset, mostLines) => read(join(folder, name), offset, mostLines),
    readSegments: (name, offset) => readSegments(join(folder, name), offset),
    remove(name) {
      const path = join(folder, name)
      if (existsSync(path)) unlinkSync(path)
    },
  }
}

function read(path: string, offset: number, mostLines: number): SpoolBatch {
  const file = openSync(path, 'r')
  try {
    let bytes = Buffer.alloc(0)
    let last = -1
    // A line longer than one chunk is read until its end shows.
    do {
      const chunk = Buffer.alloc(CHUNK_BYTES)
      const got = readSync(file, chunk, 0, CHUNK_BYTES, offset + bytes.length)
      if (got === 0) break
      bytes = Buffer.concat([bytes, chunk.subarray(0, got)])
      last = bytes.lastIndexOf(LF)
    } while (last < 0)
    const lines: string[] = []
    let from = 0
    while (lines.length < mostLines) {
      const end = bytes.indexOf(LF, from)
      if (end < 0) break
      lines.push(bytes.toString('utf8', from, end))
      from = end + 1
    }
    return { lines, offset: offset + from, tornBytes: last < 0 ? bytes.length : from > last ? bytes.length - from : 0 }
  } finally {
    closeSync(file)
  }
}

/** At most a chunk of segments, or the one that is larger than a chunk. */
function readSegments(path: string, offset: number): SegmentBatch {
  const file = openSync(path, 'r')
  try {
    for (let size = CHUNK_BYTES; ; size *= 4) {
      const chunk = Buffer.alloc(size)
      const got = readSync(file, chunk, 0, size, offset)
      const { segments, used } = decodeSegments(chunk.subarray(0, got))
      if (segments.length > 0 || got < size) return { segments, offset: offset + used, tornBytes: got - used }
    }
  } finally {
    closeSync(file)
  }
}

/** A writer of another start of this machine may have left its id to a stranger: then its file stays open, and waits. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
