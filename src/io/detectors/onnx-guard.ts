import { createHash } from 'node:crypto'
import { createReadStream, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Worker } from 'node:worker_threads'
import { CodedError } from '../../core/base/errors.ts'
import { LABELS } from '../../core/base/reasons.ts'
import type { Opinion } from '../../gateway/ports.ts'
import type { DetectorConfig } from '../config/detectors.ts'
import { type Detector, known } from './detector.ts'
import { unavailable } from './detector-calls.ts'
import type { WorkerReply } from './onnx-worker.ts'

export type OnnxConfig = Extract<DetectorConfig, { kind: 'onnx' }>

/** A model that cannot be run. The message names the file, or what to install. */
export class OnnxError extends CodedError<'file_altered' | 'file_unknown' | 'peer_missing' | 'model_unusable'> {}

/** More questions than this wait for one model: the next would only come too late. */
const MOST_WAITING = 32

/**
 * A guard model in ONNX, run here in a thread of its own. Its files are those that the configuration names by their
 * hash, and no others; nothing is fetched.
 */
export function onnxGuard(config: OnnxConfig): Detector {
  const waiting = new Map<number, (opinion: Opinion) => void>()
  let worker: Promise<Worker> | null = null
  let closed = false
  let failed = false
  let n = 0
  const lost = () => {
    worker = null
    for (const resolve of waiting.values()) resolve(unavailable('failed'))
    waiting.clear()
  }
  const start = () =>
    startWorker(
      config,
      (reply) => {
        const resolve = waiting.get(reply.id)
        waiting.delete(reply.id)
        resolve?.(reply.scores === null ? unavailable('failed') : { kind: 'scored', ppm: toPpm(reply.scores, config) })
      },
      lost,
    )
  return {
    ...known(config, {
      tier: 'guard',
      costUs: 50_000,
      budgetMs: 2_000,
      names: [...new Set(Object.values(config.labels))],
    }),
    state: () => (failed ? 'open' : 'closed'),
    async ask({ stage, text, asked }, signal) {
      const read = stage === 'input' ? text : `${asked}\n${text}`
      if (read.length > config.max_chars) return unavailable('too_long')
      // Files that are not the ones named do not become so by trying again.
      if (closed || failed) return unavailable('failed')
      if (waiting.size >= MOST_WAITING) return unavailable('timeout')
      try {
        const running = await (worker ??= start())
        const id = n++
        return await new Promise<Opinion>((resolve) => {
          waiting.set(id, resolve)
          signal.addEventListener('abort', () => waiting.delete(id) && resolve(unavailable('timeout')), { once: true })
          running.postMessage({ id, text: read })
        })
      } catch (error) {
        worker = null
        failed = error instanceof OnnxError
        throw error
      }
    },
    async close() {
      closed = true
      await (await worker?.catch(() => null))?.terminate()
    },
  }
}

/** @throws {OnnxError} a file is missing, altered, or not named; the peer is not installed; the model does not load. */
async function startWorker(
  config: OnnxConfig,
  onReply: (reply: WorkerReply) => void,
  lost: () => void,
): Promise<Worker> {
  await checkFiles(config)
  const worker = new Worker(new URL('./onnx-worker.ts', import.meta.url), { workerData: config })
  worker.unref()
  return new Promise((resolve, reject) => {
    worker.on('error', (error) => {
      reject(error)
      lost()
    })
    worker.on('exit', () => {
      reject(new OnnxError('model_unusable', 'the thread of the guard model ended before it was ready'))
      lost()
    })
    worker.on('message', (message: WorkerReply | { readonly ready: true } | { readonly broken: 'peer' | 'model' }) => {
      if ('id' in message) onReply(message)
      else if ('ready' in message) resolve(worker)
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

function toPpm(scores: Readonly<Record<string, number>>, { labels }: OnnxConfig): readonly number[] {
  return LABELS.map((label) => {
    const named = Object.entries(labels).filter(([, category]) => label === `harm.${category}`)
    return Math.floor(Math.max(0, ...named.map(([name]) => scores[name] ?? 0)) * 1e6)
  })
}
