import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Worker } from 'node:worker_threads'
import { CodedError } from '../../core/base/errors.ts'
import { LABELS } from '../../core/base/reasons.ts'
import { isRecord } from '../../core/protocols/values.ts'
import type { DetectorConfig } from '../config/detectors.ts'
import { breakerOf, type Detector, known } from './detector.ts'
import { unavailable } from './detector-calls.ts'
import { openThreadCalls } from './thread-calls.ts'

export type OnnxConfig = Extract<DetectorConfig, { kind: 'onnx' }>

/** A model that cannot be run. The message names the file, or what to install. */
export class OnnxError extends CodedError<'file_altered' | 'file_unknown' | 'peer_missing' | 'model_unusable'> {}

/**
 * A guard model in ONNX, run here in a thread of its own. Its files are those that the configuration names by their
 * hash, and no others; nothing is fetched.
 */
export function onnxGuard(config: OnnxConfig): Detector {
  // Files that are not the ones named do not become so by trying again.
  let failed = false
  const start = (signal: AbortSignal) =>
    startWorker(config, signal).catch((error: unknown) => {
      failed = error instanceof OnnxError
      throw error
    })
  const base = known(config, {
    tier: 'guard',
    costUs: 50_000,
    budgetMs: 2_000,
    names: [...new Set(Object.values(config.labels))],
  })
  const silentMs = Math.max(LEAST_SILENT_MS, 2 * base.budgetMs)
  const calls = openThreadCalls({ start, breaker: breakerOf(config), silentMs, startMs: START_MS })
  const read = (scores: Readonly<Record<string, number>>) => {
    const ppm = toPpm(scores, config)
    return ppm === null ? null : ({ kind: 'scored', ppm } as const)
  }
  return {
    ...base,
    state: () => (failed ? 'open' : calls.state),
    close: calls.close,
    async ask({ stage, text, asked }, signal) {
      const whole = stage === 'input' ? text : `${asked}\n${text}`
      if (whole.length > config.max_chars) return unavailable('too_long')
      return failed ? unavailable('failed') : calls.ask(whole, read, signal)
    },
  }
}

/** One window of a model takes less, whatever the machine. */
const LEAST_SILENT_MS = 30_000
/** Files are hashed and the model is loaded in this time. */
const START_MS = 180_000

/**
 * @param signal Ends a thread that is not ready by then.
 * @throws {OnnxError} a file is missing, altered, or not named; the peer is not installed; the model does not load.
 */
async function startWorker(config: OnnxConfig, signal: AbortSignal): Promise<Worker> {
  await checkFiles(config)
  checkLabels(config)
  signal.throwIfAborted()
  const worker = new Worker(new URL('./onnx-worker.ts', import.meta.url), { workerData: config })
  worker.unref()
  return new Promise((resolve, reject) => {
    worker.on('error', reject)
    const late = () => {
      reject(new Error('the guard model was not loaded in time'))
      void worker.terminate()
    }
    signal.addEventListener('abort', late, { once: true })
    worker.once('message', () => signal.removeEventListener('abort', late))
    worker.once('exit', () =>
      reject(new OnnxError('model_unusable', 'the thread of the guard model ended before it was ready')),
    )
    worker.once('message', (message: { readonly ready: true } | { readonly broken: 'peer' | 'model' }) => {
      if ('ready' in message) resolve(worker)
      else if (message.broken === 'peer')
        reject(
          new OnnxError(
            'peer_missing',
            'the package `@huggingface/transformers` is not installed; run `npm install @huggingface/transformers`',
          ),
        )
      else reject(new OnnxError('model_unusable', `${config.folder} is no sequence classifier that can be loaded`))
    })
  })
}

/** Every file named is there and is the one named, and there is no other. @throws {OnnxError} */
export async function checkFiles({ folder, files }: Pick<OnnxConfig, 'folder' | 'files'>): Promise<void> {
  const found = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
  for (const file of found)
    if (files[file] === undefined)
      throw new OnnxError(
        'file_unknown',
        `${folder} holds \`${file}\`, which \`files\` does not name; remove it or add its hash`,
      )
  for (const [file, wanted] of Object.entries(files)) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(join(folder, file)), hash).catch((cause: unknown) => {
      throw new OnnxError('file_altered', `${folder} lacks \`${file}\`, which \`files\` names`, { cause })
    })
    if (hash.digest('hex') !== wanted)
      throw new OnnxError('file_altered', `\`${file}\` in ${folder} is not the file that \`files\` names by its hash`)
  }
}

/**
 * Every label that the configuration takes for harm is one of the model's: a name that the model never says would pass for
 * its silence. @throws {OnnxError} `model_unusable`, with the label.
 */
export function checkLabels({ folder, labels }: Pick<OnnxConfig, 'folder' | 'labels'>): void {
  const own = labelsIn(folder)
  for (const label of Object.keys(labels))
    if (!(own?.includes(label) ?? /^LABEL_\d+$/.test(label)))
      throw new OnnxError(
        'model_unusable',
        `\`labels\` names \`${label}\`, which the model in ${folder} does not have; wanted ${(own ?? ['LABEL_0', '…'])
          .slice(0, MOST_NAMED)
          .map((one) => `\`${one}\``)
          .join(', ')}`,
      )
}

const MOST_NAMED = 20

/** The model's own labels; null where it gives them no names, so that they are `LABEL_0`, `LABEL_1`, and so on. */
function labelsIn(folder: string): readonly string[] | null {
  let config: unknown
  try {
    config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
  } catch (cause) {
    throw new OnnxError('model_unusable', `${folder} has no \`config.json\` that can be read`, { cause })
  }
  const names = isRecord(config) ? config.id2label : undefined
  return isRecord(names) ? Object.values(names).map(String) : null
}

/** Null where a label that means harm has no probability: a model that gives none has cleared nothing. */
function toPpm(scores: Readonly<Record<string, number>>, { labels }: OnnxConfig): readonly number[] | null {
  const found = new Map<string, number>()
  for (const [name, category] of Object.entries(labels)) {
    const score = scores[name]
    if (score === undefined || !(score >= 0 && score <= 1)) return null
    found.set(`harm.${category}`, Math.max(found.get(`harm.${category}`) ?? 0, Math.floor(score * 1e6)))
  }
  return LABELS.map((label) => found.get(label) ?? 0)
}
