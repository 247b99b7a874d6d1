import type { Worker } from 'node:worker_threads'
import type { ReleaseSet } from '../core/safeguards/arm.ts'
import type { Exception } from '../core/safeguards/exception.ts'
import type { ApiKey } from '../core/trust/api-key.ts'
import type { Config } from '../io/config/config.ts'
import { openCalls } from '../io/thread/calls.ts'
import { crossed } from '../io/thread/crossed.ts'
import type { ModeRow } from '../jobs/ports.ts'
import type { LiveFact } from './live-line.ts'

export type Calls = ReturnType<typeof openCalls>

/** What the control side tells every gateway, at the start and whenever it changes. */
export interface Snapshot {
  readonly mode: ModeRow
  readonly keys: readonly ApiKey[]
  /** What decides and what looks on, per slot. */
  readonly releases: ReleaseSet
  /** Those that are active, or will be. */
  readonly exceptions: readonly Exception[]
  /** Data keys destroyed so far: when it grows, unwrapped ones are forgotten. */
  readonly shreds: number
}

/** What a gateway does when it is told. */
export interface GatewaySide {
  /** Resolves when every gateway goes by it. */
  snapshot(next: Snapshot): void | Promise<void>
  stats(): Promise<Readonly<Record<string, number>>>
}

export interface Control {
  readonly calls: Calls
  readonly adminPort: number
  readonly snapshot: Snapshot
  /** Calls `listener` with decisions as they reach the store; not more than somebody reads. */
  watch(listener: (facts: readonly LiveFact[]) => void): Promise<void>
  close(): Promise<void>
}

type Report = (event: string, facts: Readonly<Record<string, string | number>>) => void

/** Starts the control side in its thread. Resolves when it listens. @throws what ended the thread before it did. */
export function startControl(
  worker: Worker,
  data: { readonly config: Config; readonly version: string },
  report: Report,
  side: GatewaySide,
): Promise<Control> {
  worker.ref()
  worker.postMessage(data)
  const calls = openCalls(worker as never, {
    snapshot: (next: Snapshot) => side.snapshot(next),
    stats: () => side.stats(),
  })
  return new Promise((resolve, reject) => {
    worker.once('error', (error) => reject(crossed(error as Error)))
    worker.on(
      'message',
      (message: {
        ready?: { adminPort: number; snapshot: Snapshot }
        report?: { event: string; facts: Record<string, string> }
      }) => {
        if (message.report !== undefined) report(message.report.event, message.report.facts)
        if (message.ready === undefined) return
        const close = async () => {
          await calls.ask('close', null)
          await worker.terminate()
        }
        const watch: Control['watch'] = async (listener) => {
          worker.on('message', ({ live }: { live?: readonly LiveFact[] }) => {
            if (live !== undefined) listener(live)
          })
          await calls.ask('watch', null)
        }
        resolve({ calls, ...message.ready, watch, close })
      },
    )
  })
}
