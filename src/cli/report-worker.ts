import { hash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { bundleHash, parseBundle } from '../core/safeguards/bundle.ts'
import type { Config } from '../io/config/config.ts'
import { settingsFrom } from './collateral-settings.ts'
import { storeReport } from './collateral-store.ts'
import { embeddedBundle } from './judge.ts'
import type { ReportTask } from './make-report.ts'

/** Makes one collateral report in a thread of its own: nothing that answers waits for it. */
const { config, bundle: given, label, days } = workerData as ReportTask & { config: Config }
const bundle = parseBundle(given)
const embedded = await embeddedBundle()
const options = new Map(bundle.sunset === null ? [] : [['temporary', '']])
const made = await storeReport({
  before: embedded,
  after: { bundle, label, hash: bundleHash(bundle, (text) => hash('sha256', text)), classifier: embedded.classifier },
  ...{ days, job: null, settings: settingsFrom(options), config },
  unreadable: (label, bundle) => parentPort!.postMessage({ unreadable: { label, bundle } }),
  progress: (_job, { requestsDone, requests }, secondsLeft) =>
    parentPort!.postMessage({ requestsDone, requests, secondsLeft }),
})
parentPort!.postMessage({ done: made })
