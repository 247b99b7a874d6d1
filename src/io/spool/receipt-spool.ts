import { createSecretKey, hash, type KeyObject, randomBytes } from 'node:crypto'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ulid } from '../../core/base/ids.ts'
import type { KeptContent, ReceiptSpool } from '../../gateway/ports.ts'
import { seal } from '../keys/sealer.ts'
import { AppendFile } from './append-file.ts'
import { encodeContents, encodeSegment } from './segments.ts'
import { listSpool, SpoolError, spoolFolder, spoolName } from './spool-files.ts'

export interface SpoolSettings {
  readonly dataFolder: string
  readonly maxBytes: number
  readonly retentionMs: number
  /** The data key of a subject; asked once per subject. */
  dataKey(subject: string): Promise<Uint8Array>
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}

const ROTATE_BYTES = 8 * 1024 * 1024
const SYNC_WITHIN_MS = 1000
const REFRESH_MS = 1000
/** Contents that arrive within this time, or make up this much, are sealed together. */
const SEGMENT_MS = 10
const SEGMENT_CHARS = 256 * 1024
/** Content waiting to be encrypted and written: beyond this it is dropped and counted, since it must never be felt. */
const MOST_WAITING_CHARS = 32 * 1024 * 1024

/**
 * This process's spool: receipts appended by one system call each, content encrypted and appended in batches beside the
 * requests. Nobody else writes these files; the drainer reads them and removes what it has taken over.
 */
export function openReceiptSpool(settings: SpoolSettings): ReceiptSpool {
  const folder = spoolFolder(settings.dataFolder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return new FileSpool(folder, settings)
}

/** Two spools of one process never share a file name, not even within a millisecond. */
let lastStartedMs = 0

class FileSpool implements ReceiptSpool {
  droppedContents = 0
  readonly #folder: string
  readonly #settings: SpoolSettings
  readonly #startedMs = (lastStartedMs = Math.max(Date.now(), lastStartedMs + 1))
  #keys = new Map<string, KeyObject | 'asked'>()
  #receipts: AppendFile
  #contents: AppendFile | null = null
  #sequence = 0
  #contentSequence = 0
  #syncTimer: NodeJS.Timeout | null = null
  #closing: Promise<void> = Promise.resolve()
  #waiting: KeptContent[] = []
  #waitingChars = 0
  /** Arrived since all that waits was last looked through: looking after every one would cost its square. */
  #newChars = 0
  #writing: NodeJS.Timeout | null = null
  #usedBytes: number
  #usedAtMs = 0

  constructor(folder: string, settings: SpoolSettings) {
    this.#folder = folder
    this.#settings = settings
    this.#usedBytes = this.#measure()
    this.#receipts = this.#open('receipts', this.#sequence++)
  }

  append(receipt: Parameters<ReceiptSpool['append']>[0]): { readonly hash: string; readonly written: Promise<void> } {
    const line = JSON.stringify(receipt)
    if (this.#receipts.bytes >= ROTATE_BYTES) this.#rotate()
    const written = this.#receipts.appendSoon(`${line}\n`)
    this.#usedBytes += line.length + 1
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = null
      void this.synced().catch(() => this.#settings.report('spool.sync_failed', {}))
    }, SYNC_WITHIN_MS).unref()
    return { hash: hash('sha256', line), written }
  }

  async synced(): Promise<void> {
    await Promise.all([this.#receipts.synced(), this.#closing])
  }

  get fill(): number {
    const now = performance.now()
    if (now - this.#usedAtMs > REFRESH_MS) {
      this.#usedAtMs = now
      this.#usedBytes = this.#measure()
    }
    return this.#usedBytes / this.#settings.maxBytes
  }

  keep(content: KeptContent): void {
    const chars = content.request.length + content.answer.length
    if (this.#waitingChars + chars > MOST_WAITING_CHARS) {
      this.droppedContents++
      return
    }
    this.#waiting.push(content)
    this.#waitingChars += chars
    this.#newChars += chars
    if (this.#newChars >= SEGMENT_CHARS) this.#writeContents()
    else this.#writing ??= setTimeout(() => this.#writeContents(), SEGMENT_MS)
  }

  async close(): Promise<void> {
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer)
    try {
      this.#receipts.flush()
    } catch {
      // Told to those who wait for it; the rest still ends in order.
    }
    for (let tries = 0; this.#waiting.length > 0 && tries < 100; tries++) {
      this.#writeContents()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    if (this.#waiting.length > 0) this.#drop(this.#waiting.length)
    this.#waiting = []
    await this.synced()
    await this.#receipts.close()
    await this.#contents?.close()
  }

  #rotate(): void {
    const full = this.#receipts
    try {
      full.flush()
      this.#receipts = this.#open('receipts', this.#sequence++)
    } catch {
      return // The full one goes on: a disk that refuses is told where receipts are written.
    }
    this.#closing = Promise.all([this.#closing, full.synced().then(() => full.close())]).then(() => undefined)
    this.#closing.catch(() => undefined) // `synced` tells
  }

  #writeContents(): void {
    if (this.#writing !== null) clearTimeout(this.#writing)
    this.#writing = null
    this.#newChars = 0
    const later: KeptContent[] = []
    const bySubject = new Map<string, KeptContent[]>()
    for (const content of this.#waiting) {
      const together = bySubject.get(content.subject)
      if (together !== undefined) together.push(content)
      else if (this.#key(content.subject) === null) later.push(content)
      else bySubject.set(content.subject, [content])
    }
    this.#waiting = later
    this.#waitingChars = later.reduce((sum, { request, answer }) => sum + request.length + answer.length, 0)
    for (const [subject, contents] of bySubject) this.#writeSegment(subject, contents, this.#key(subject)!)
  }

  /** Contents of one subject that arrived together are sealed as one: one nonce, one record, one row. */
  #writeSegment(subject: string, contents: readonly KeptContent[], key: KeyObject): void {
    const fromMs = contents.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY)
    const toMs = contents.reduce((most, { atMs }) => Math.max(most, atMs), 0)
    const id = `seg_${ulid(toMs, randomBytes(10))}`
    const expiresAtMs = toMs + this.#settings.retentionMs
    const record = encodeSegment({ id, subject, fromMs, toMs, expiresAtMs, blob: seal(key, encodeContents(contents)) })
    try {
      this.#contents ??= this.#open('contents', this.#contentSequence++)
      this.#usedBytes += this.#contents.append(record)
      if (this.#contents.bytes < ROTATE_BYTES) return
      void this.#contents.close()
      this.#contents = null
    } catch {
      // Content is a convenience; a disk that refuses it is felt where receipts are written.
      this.#drop(contents.length)
    }
  }

  #drop(n: number): void {
    this.droppedContents += n
    this.#settings.report('spool.contents_dropped', { n })
  }

  /** Data keys were destroyed: those that live are asked for again. */
  forgetKeys(): void {
    this.#keys = new Map()
  }

  /** The subject's key, or null while it is being asked for. */
  #key(subject: string): KeyObject | null {
    // An answer that comes after the keys were forgotten is of before, and is forgotten as well.
    const keys = this.#keys
    const known = keys.get(subject)
    if (known === undefined) {
      keys.set(subject, 'asked')
      this.#settings.dataKey(subject).then(
        (bytes) => {
          keys.set(subject, createSecretKey(bytes))
          this.#writing ??= setTimeout(() => this.#writeContents(), SEGMENT_MS)
        },
        () => {
          keys.delete(subject)
          setTimeout(() => this.#writeContents(), 1000).unref()
        },
      )
    }
    return known === undefined || known === 'asked' ? null : known
  }

  #open(kind: 'receipts' | 'contents', sequence: number): AppendFile {
    return new AppendFile(join(this.#folder, spoolName(kind, this.#startedMs, process.pid, sequence)))
  }

  #measure(): number {
    try {
      return listSpool(this.#folder).reduce(
        (sum, { name }) => sum + (statSync(join(this.#folder, name), { throwIfNoEntry: false })?.size ?? 0),
        0,
      )
    } catch (cause) {
      throw new SpoolError('spool_unwritable', `cannot read ${this.#folder}`, { cause })
    }
  }
}
