import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { SpoolError } from './spool-files.ts'

/** One file that only grows, a whole line at a time; syncs are shared by all who wait. */
export class AppendFile {
  bytes = 0
  readonly #file: number
  readonly #path: string
  #soon = ''
  #soonDone: Promise<void> | null = null
  #tell: { resolve(): void; reject(error: unknown): void } | null = null
  #closed = false
  #syncedBytes = 0
  #running: Promise<void> | null = null
  #queued: Promise<void> | null = null

  constructor(path: string) {
    this.#path = path
    try {
      this.#file = openSync(path, 'ax', 0o600)
    } catch (cause) {
      throw new SpoolError('spool_unwritable', `cannot create ${path}`, { cause })
    }
  }

  /**
   * Appends whole lines with one system call. When it returns, the bytes are with the operating system.
   * @returns bytes written. @throws {SpoolError} nothing of it was written, or what was is taken back.
   */
  append(lines: string | Uint8Array): number {
    const bytes = typeof lines === 'string' ? Buffer.from(lines) : lines
    let written = 0
    // Its number may belong to another file by now.
    if (this.#closed) throw new SpoolError('spool_unwritable', `${this.#path} is closed`)
    try {
      written = writeSync(this.#file, bytes)
      if (written !== bytes.length) throw new Error('short write')
    } catch (cause) {
      if (written > 0) ftruncateSync(this.#file, this.bytes)
      throw new SpoolError('spool_unwritable', `cannot append to ${this.#path}`, { cause })
    }
    this.bytes += bytes.length
    return bytes.length
  }

  /**
   * Appends lines together with all others of this turn of the event loop: one system call for all of them.
   * The promise is shared; it rejects with {SpoolError} when none of them was written.
   */
  appendSoon(lines: string): Promise<void> {
    this.#soon += lines
    this.#soonDone ??= new Promise((resolve, reject) => {
      this.#tell = { resolve, reject }
      setImmediate(() => {
        try {
          this.flush()
        } catch {
          // Told to those who wait for it.
        }
      })
    })
    return this.#soonDone
  }

  /** Writes what `appendSoon` holds, and tells those who wait. @throws {SpoolError} nothing of it was written. */
  flush(): void {
    const lines = this.#soon
    const tell = this.#tell
    this.#soon = ''
    this.#soonDone = null
    this.#tell = null
    if (tell === null) return
    try {
      this.append(lines)
      tell.resolve()
    } catch (error) {
      tell.reject(error)
      throw error
    }
  }

  /** Resolves when everything appended so far is on disk. At most one sync runs and one waits, for everybody. */
  synced(): Promise<void> {
    if (this.#syncedBytes === this.bytes) return Promise.resolve()
    if (this.#running === null) return (this.#running = this.#sync())
    this.#queued ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#queued = null
        return (this.#running = this.#sync())
      })
    return this.#queued
  }

  async close(): Promise<void> {
    await this.#running?.catch(() => undefined)
    this.#closed = true
    closeSync(this.#file)
  }

  #sync(): Promise<void> {
    const upTo = this.bytes
    return new Promise((resolve, reject) => {
      fdatasync(this.#file, (error) => {
        this.#running = null
        if (error !== null)
          return reject(new SpoolError('spool_unwritable', `cannot sync ${this.#path}`, { cause: error }))
        this.#syncedBytes = Math.max(this.#syncedBytes, upTo)
        resolve()
      })
    })
  }
}
