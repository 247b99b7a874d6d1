import type { Segment } from '../core/base/segments.ts'
import type { Store } from './ports.ts'
import type { ReceiptRecord } from './record-ports.ts'
import type { ReceiptHead, SpooledReceipt, SpoolSource } from './spool-ports.ts'

export interface DrainerSettings {
  readonly source: SpoolSource
  readonly store: Store
  /** Hex SHA-256 of a line. */
  sha256(line: string): string
  segmentOf(head: ReceiptHead): Segment
  nowMs(): number
  /** What a receipt adds to the record; left out, nothing. */
  readonly record?: {
    hasEntry(head: ReceiptHead): boolean
    of(row: SpooledReceipt): Promise<ReceiptRecord>
  }
  /** New receipts, after they are in the store. */
  onReceipts(rows: readonly SpooledReceipt[]): void
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}

export interface Drainer {
  /** Moves everything that is there now. @returns receipts that were new. */
  drainOnce(): Promise<number>
  start(): void
  /** Finishes the batch that runs, drains once more, and ends. */
  stop(): Promise<void>
  lagBytes(): Promise<number>
}

const BATCH_LINES = 2000
const PAUSE_MS = 200
const PAUSE_AFTER_FAULT_MS = 1000
/** Content follows its receipt within so much. */
const CONTENT_FOLLOWS_MS = 15
const EXPIRE_EVERY_MS = 60_000

/**
 * Moves spool files into the store, in order and exactly once: rows and the position behind them in one transaction,
 * and receipts idempotent by id. A store that is down is not felt elsewhere: the drainer waits, and goes on by itself.
 */
export function createDrainer(settings: DrainerSettings): Drainer {
  const { source, store } = settings
  let positions: Map<string, number> | null = null
  let running = false
  let stopped = false
  let loop: Promise<void> = Promise.resolve()
  let expiredAtMs = 0

  const known = async () => (positions ??= new Map((await store.positions()).map(({ file, offset }) => [file, offset])))

  async function drainOnce(): Promise<number> {
    const at = await known()
    let added = 0
    for (const { name, kind, bytes, closed } of source.files()) {
      let offset = at.get(name) ?? 0
      while (offset < bytes) {
        const batch = kind === 'receipts' ? source.read(name, offset, BATCH_LINES) : source.readSegments(name, offset)
        if (batch.offset === offset) {
          if (closed && batch.tornBytes > 0) settings.report('spool.torn', { file: name, bytes: batch.tornBytes })
          break
        }
        const position = { file: name, offset: batch.offset }
        if ('lines' in batch) added += await addReceipts(batch.lines, position)
        else await store.addContents(batch.segments, position)
        offset = batch.offset
        at.set(name, offset)
      }
      if (!closed) continue
      // In this order: ended in between, the next start reads the file again and adds nothing, and no position is left over.
      await store.forgetPosition(name)
      source.remove(name)
      at.delete(name)
    }
    return added
  }

  async function addReceipts(lines: readonly string[], position: { file: string; offset: number }): Promise<number> {
    const rows = await recorded(lines.flatMap((line) => receiptOf(line, settings, position.file)))
    const added = await store.addReceipts(rows, position)
    if (rows.length > 0) settings.onReceipts(rows)
    return added
  }

  /** Derived before they are stored, so that they are stored together. */
  async function recorded(rows: readonly SpooledReceipt[]): Promise<readonly SpooledReceipt[]> {
    const { record } = settings
    if (record === undefined) return rows
    // An entry commits to the exchange's content as well, which is on its way.
    if (rows.some(({ head }) => record.hasEntry(head))) {
      await new Promise((resolve) => setTimeout(resolve, CONTENT_FOLLOWS_MS))
      await drainContents()
    }
    const out: SpooledReceipt[] = []
    for (const row of rows) {
      try {
        out.push({ ...row, record: await record.of(row) })
      } catch (error) {
        // A store that is down is tried again with all of them; a receipt that makes no entry must not hold the rest up.
        if ((error as { code?: unknown }).code === 'store_unavailable') throw error
        settings.report('record.underived', { id: row.head.id, fault: (error as Error).name })
        out.push(row)
      }
    }
    return out
  }

  async function drainContents(): Promise<void> {
    const at = await known()
    for (const { name, kind, bytes } of source.files()) {
      if (kind !== 'contents') continue
      for (let offset = at.get(name) ?? 0; offset < bytes; ) {
        const batch = source.readSegments(name, offset)
        if (batch.offset === offset) break
        await store.addContents(batch.segments, { file: name, offset: batch.offset })
        offset = batch.offset
        at.set(name, offset)
      }
    }
  }

  async function expire(): Promise<void> {
    const now = settings.nowMs()
    if (now - expiredAtMs < EXPIRE_EVERY_MS) return
    expiredAtMs = now
    await store.expireContents(now)
    await store.expireBatches(now)
  }

  async function run(): Promise<void> {
    let faulty = false
    while (!stopped) {
      try {
        await drainOnce()
        await expire()
        if (faulty) settings.report('drain.recovered', {})
        faulty = false
      } catch (error) {
        // The store's own position is the truth after a fault: it is asked again.
        positions = null
        if (!faulty) settings.report('drain.failed', { code: String((error as { code?: unknown }).code ?? 'unknown') })
        faulty = true
      }
      await new Promise((resolve) => setTimeout(resolve, faulty ? PAUSE_AFTER_FAULT_MS : PAUSE_MS))
    }
  }

  return {
    drainOnce,
    start() {
      if (running) return
      running = true
      loop = run()
    },
    async stop() {
      stopped = true
      await loop
      await drainOnce().catch(() => undefined)
    },
    async lagBytes() {
      const at = await known()
      return source.files().reduce((sum, { name, bytes }) => sum + Math.max(0, bytes - (at.get(name) ?? 0)), 0)
    },
  }
}

/** A line that is whole and yet no receipt is reported and passed over: it must not hold the rest up. */
function receiptOf(line: string, settings: DrainerSettings, file: string): readonly SpooledReceipt[] {
  try {
    const head = headOf(line)
    if (!isHead(head)) throw new Error('no receipt')
    return [{ head, line, hash: settings.sha256(line), segment: settings.segmentOf(head) }]
  } catch {
    settings.report('spool.unreadable', { file, bytes: line.length })
    return []
  }
}

const STEPS = ',"steps":['

/**
 * What stands before the steps, which are most of a line: the store needs no more, and parsing costs more than storing.
 * Inside a JSON string a quotation mark is escaped, so what is found here is no text of a caller's. A line in another
 * order, as an earlier version wrote it, is parsed whole.
 */
function headOf(line: string): ReceiptHead {
  const end = line.indexOf(STEPS)
  const head = end < 0 ? null : (JSON.parse(`${line.slice(0, end)}}`) as Partial<ReceiptHead>)
  return head?.decision !== undefined && head.overheadUs !== undefined
    ? (head as ReceiptHead)
    : (JSON.parse(line) as ReceiptHead)
}

/** Whether it has what the store keeps beside the line. */
function isHead({ id, atMs, surface, org, requestedModel, overheadUs, decision, gave = [] }: ReceiptHead): boolean {
  const texts = [id, surface, org, requestedModel, decision.action, decision.would, ...gave]
  return texts.every((text) => typeof text === 'string') && Number.isSafeInteger(atMs) && Number.isFinite(overheadUs)
}
