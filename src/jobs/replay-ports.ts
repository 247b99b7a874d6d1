import type { Receipt } from '../core/policy/receipt.ts'

/** A place in the order of replay: by arrival, then by id. */
export interface ReceiptKey {
  readonly atMs: number
  readonly id: string
}

/** Receipts that are replayed together, and whose result is stored as one. */
export interface ReplayChunk {
  readonly job: string
  readonly seq: number
  /** The first receipt, and the first of the next chunk; null: up to the end of the job's window. */
  readonly from: ReceiptKey
  readonly until: ReceiptKey | null
  readonly requests: number
}

/** A replay of stored decisions under two bundles. */
export interface ReplayJob {
  readonly id: string
  readonly createdAtMs: number
  readonly sinceMs: number
  readonly untilMs: number
  /** JSON of what the workers must know: both bundles with their labels. */
  readonly spec: string
}

export interface ReplayProgress {
  readonly chunks: number
  readonly chunksDone: number
  readonly requests: number
  readonly requestsDone: number
}

/** One report, as a list shows it. */
export interface ReportRow {
  readonly id: string
  readonly createdAtMs: number
  readonly before: string
  readonly after: string
  readonly outcome: 'pass' | 'fail' | 'INCONCLUSIVE'
  readonly requests: number
}

/** One day of one kind of traffic. */
export interface DayCount {
  /** Start of the day, UTC, milliseconds since 1970. */
  readonly startMs: number
  readonly name: string
  readonly requests: number
  readonly diverted: number
  readonly refused: number
}

/** Which chunks are done, and what they gave. The position of a job: whoever starts it again does only the rest. */
export interface ChunkBook {
  /**
   * A chunk that nobody has, or whose holder has let its lease pass. Atomic: no two workers get one. Null: none is free
   * now, which is the end of the job only when `progress` says so.
   */
  leaseChunk(job: string, worker: string, nowMs: number, leaseMs: number): Promise<ReplayChunk | null>
  /** Holds a chunk for longer. @returns false when the lease had passed to another, or the result is there. */
  renewChunk(chunk: Pick<ReplayChunk, 'job' | 'seq'>, worker: string, nowMs: number, leaseMs: number): Promise<boolean>
  /** Stores the result, durably. @returns false when the lease had passed to another: then nothing is stored. */
  finishChunk(chunk: Pick<ReplayChunk, 'job' | 'seq'>, worker: string, result: Uint8Array): Promise<boolean>
  replayProgress(job: string): Promise<ReplayProgress>
  chunkResult(job: string, seq: number): Promise<Uint8Array | null>
}

/** The part of the store that replay and reports use. Same promises as `Store`. */
export interface CollateralStore extends ChunkBook {
  /** Where chunks of `size` receipts begin in a window, in order, with how many each holds. */
  chunkStarts(
    sinceMs: number,
    untilMs: number,
    size: number,
  ): Promise<readonly { readonly from: ReceiptKey; readonly requests: number }[]>
  /** Receipts from one key (included) to another (not), oldest first; `until` null: to `untilMs`. */
  receiptsBetween(from: ReceiptKey, until: ReceiptKey | null, untilMs: number): Promise<readonly Receipt[]>
  addReplay(job: ReplayJob, chunks: readonly ReplayChunk[]): Promise<void>
  replayJob(id: string): Promise<ReplayJob | null>
  /** The job and its chunks; reports stay. */
  forgetReplay(id: string): Promise<void>
  /** @param report JSON of the whole report. An id that is there already keeps its report. */
  addReport(row: ReportRow, report: string): Promise<void>
  /** Counts per UTC day and organisation, surface or segment, of what enforce would do. */
  dayCounts(sinceMs: number, untilMs: number, by: 'org' | 'surface' | 'segment'): Promise<readonly DayCount[]>
  /** Newest first. */
  reports(limit: number): Promise<readonly ReportRow[]>
  report(id: string): Promise<string | null>
}
