import { Worker } from 'node:worker_threads'
import type { Bundle } from '../core/safeguards/bundle.ts'
import type { Config } from '../io/config/config.ts'
import { nameOf } from '../jobs/release-guards.ts'
import type { ReleasePorts } from '../jobs/release-ports.ts'
import type { ReportRunPorts } from '../jobs/report-runs.ts'

export interface ReportTask {
  readonly bundle: Bundle
  readonly label: string
  readonly days: number
}

type Message =
  | { readonly requestsDone: number; readonly requests: number; readonly secondsLeft: number | null }
  | { readonly unreadable: { readonly label: string; readonly bundle: string } }
  | { readonly done: { readonly id: string; readonly report: unknown } }

/** Reports are made by a thread of their own, over the same store. */
export function makeReport(config: Config, report: ReleasePorts['report']): ReportRunPorts['make'] {
  return (release, bundle, days, progress) =>
    new Promise((resolve, reject) => {
      const task: ReportTask = { bundle, label: nameOf(release), days }
      const worker = new Worker(new URL('./report-worker.ts', import.meta.url), { workerData: { ...task, config } })
      worker.on('message', (message: Message) => {
        if ('done' in message) resolve(message.done)
        else if ('unreadable' in message) report('release.unreadable', message.unreadable)
        else progress(message.requestsDone, message.requests, message.secondsLeft)
      })
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the report ended before it was done')))
      worker.unref()
    })
}
