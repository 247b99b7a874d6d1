import { createRequire } from 'node:module'
import { basename, dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { DetectorConfig } from '../config/detectors.ts'
import { answerInTurn, type Reply } from './answer-in-turn.ts'

/** As much of the optional peer as is used; it is not installed with Sluice, so its own types are not at hand. */
interface Peer {
  readonly env: { allowRemoteModels: boolean; allowLocalModels: boolean; localModelPath: string; useFSCache: boolean }
  readonly AutoTokenizer: { from_pretrained(name: string, options: object): Promise<Tokenizer> }
  readonly AutoModelForSequenceClassification: { from_pretrained(name: string, options: object): Promise<Model> }
}
interface Tensor {
  readonly dims: readonly number[]
  readonly data: ArrayLike<number>
}
type Tokenizer = (text: string, options: object) => { readonly input_ids: Tensor }
interface Model {
  (inputs: { readonly input_ids: Tensor }): Promise<{ readonly logits: Tensor }>
  readonly config: { readonly id2label?: Readonly<Record<string, string>> }
}

/** The one file that loads the optional peer: in a thread, since a model takes longer than any request may wait. */
const config = workerData as Extract<DetectorConfig, { kind: 'onnx' }>
const port = parentPort!

const peer = await load()
if (peer === null) port.postMessage({ broken: 'peer' })
else await serve(peer)

async function load(): Promise<Peer | null> {
  try {
    const path = createRequire(import.meta.url).resolve('@huggingface/transformers')
    return (await import(pathToFileURL(path).href)) as Peer
  } catch {
    return null
  }
}

async function serve({ env, AutoTokenizer, AutoModelForSequenceClassification }: Peer): Promise<void> {
  const folder = resolve(config.folder)
  env.allowRemoteModels = false
  env.allowLocalModels = true
  env.localModelPath = dirname(folder)
  env.useFSCache = false
  const options = { local_files_only: true, dtype: config.dtype }
  try {
    const tokenizer = await AutoTokenizer.from_pretrained(basename(folder), options)
    const model = await AutoModelForSequenceClassification.from_pretrained(basename(folder), options)
    answerInTurn(port, (text, isGone) => read(text, tokenizer, model, isGone))
    port.postMessage({ ready: true })
  } catch {
    port.postMessage({ broken: 'model' })
  }
}

/** Label by label the most that any window gives: what stands past the first window counts as much as what is in it. */
async function read(text: string, tokenizer: Tokenizer, model: Model, isGone: () => boolean): Promise<Reply['scores']> {
  const most: Record<string, number> = {}
  for (const window of windows(text, tokenizer)) {
    if (isGone()) return null
    const { logits } = await model(window)
    // Neither zero nor one: a model that overflows says nothing.
    if (!Array.from(logits.data).every(Number.isFinite)) return null
    const probabilities = config.activation === 'softmax' ? softmax(logits.data) : [...sigmoids(logits.data)]
    for (const [i, probability] of probabilities.entries()) {
      const label = model.config.id2label?.[String(i)] ?? `LABEL_${i}`
      most[label] = Math.max(most[label] ?? 0, probability)
    }
  }
  return most
}

/** The text in pieces that fit the model, halved with some overlap until they do. */
function* windows(text: string, tokenizer: Tokenizer): Generator<{ readonly input_ids: Tensor }> {
  const tokens = tokenizer(text, { truncation: false, padding: false })
  if ((tokens.input_ids.dims.at(-1) ?? 0) <= config.max_tokens || text.length < 2) {
    yield tokens
    return
  }
  const half = Math.ceil(text.length / 2)
  const overlap = Math.min(64, Math.floor(half / 4))
  yield* windows(text.slice(0, half + overlap), tokenizer)
  yield* windows(text.slice(half - overlap), tokenizer)
}

function softmax(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits)
  const greatest = Math.max(...values)
  const exps = values.map((value) => Math.exp(value - greatest))
  const sum = exps.reduce((a, b) => a + b, 0)
  return exps.map((value) => value / sum)
}

function sigmoids(logits: ArrayLike<number>): number[] {
  return Array.from(logits, (value) => 1 / (1 + Math.exp(-value)))
}
