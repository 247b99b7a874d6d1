import { CodedError } from '../base/errors.ts'
import { LABELS } from '../base/reasons.ts'
import { SEGMENTS } from '../base/segments.ts'
import { GATE_STRIDE, type Model, type ModelThresholds, type SecondLook } from './model.ts'
import type { Network } from './network.ts'
import type { Topics } from './topics.ts'

/** The file is not a model, is of another version, or was altered. */
export class ModelError extends CodedError<'model_invalid' | 'model_version' | 'model_altered' | 'model_missing'> {}

const MAGIC = 'SLUICEM1'
/** Of the header; 1 weighed exchanges otherwise. */
const VERSION = 2
const HASH = 'sluice-ngram-1'
const DIGEST_BYTES = 32

type Sha256 = (bytes: Uint8Array) => Uint8Array

/**
 * The model as bytes (docs/formats/model-file.md): magic, header length, header, gate table, head table, table of the
 * network, table of the topics, SHA-256 of all before it. No code. The same model gives the same bytes.
 */
export function encodeModel(model: Model, sha256: Sha256): Uint8Array {
  const { gates, heads, second, topics, ...rest } = model
  const plain = second === null ? null : { ...second, network: { ...second.network, table: undefined } }
  const named = topics === null ? null : { ...topics, table: undefined, segments: SEGMENTS }
  const header = ascii(
    JSON.stringify({ version: VERSION, hash: HASH, labels: LABELS, ...rest, second: plain, topics: named }),
  )
  const tables = [
    ...[gates, heads],
    ...(second === null ? [] : [second.network.table]),
    ...(topics === null ? [] : [topics.table]),
  ]
  const body = new Uint8Array(MAGIC.length + 4 + header.length + tables.reduce((sum, { length }) => sum + length, 0))
  body.set(ascii(MAGIC))
  new DataView(body.buffer).setUint32(MAGIC.length, header.length, true)
  let at = MAGIC.length + 4
  body.set(header, at)
  at += header.length
  for (const table of tables) {
    body.set(new Uint8Array(table.buffer, table.byteOffset, table.length), at)
    at += table.length
  }
  const digest = sha256(body)
  const file = new Uint8Array(body.length + digest.length)
  file.set(body)
  file.set(digest, body.length)
  return file
}

/**
 * The thresholds alone, which is what policy needs of a model: nothing else is read or checked.
 * @throws {ModelError} `model_invalid`
 */
export function thresholdsOfFile(file: Uint8Array): ModelThresholds {
  return headerOf(file).header.thresholds
}

function assertModelFile(file: Uint8Array): void {
  if (file.length < MAGIC.length + 4 + DIGEST_BYTES || text(file.subarray(0, MAGIC.length)) !== MAGIC)
    throw new ModelError('model_invalid', 'not a model file')
}

function headerOf(file: Uint8Array): { readonly header: Header; readonly end: number } {
  assertModelFile(file)
  const fixed = MAGIC.length + 4
  const end = fixed + new DataView(file.buffer, file.byteOffset).getUint32(MAGIC.length, true)
  try {
    return { header: JSON.parse(text(file.subarray(fixed, end))) as Header, end }
  } catch {
    throw new ModelError('model_invalid', 'the header of the model file cannot be read')
  }
}

/**
 * @throws {ModelError} `model_invalid` (not a model, or cut off), `model_altered` (the digest does not match),
 *   `model_version` (made for other labels, another hash or another version).
 */
export function decodeModel(file: Uint8Array, sha256: Sha256): Model {
  // The digest before anything is parsed.
  assertModelFile(file)
  const body = file.subarray(0, file.length - DIGEST_BYTES)
  if (!same(sha256(body), file.subarray(body.length)))
    throw new ModelError('model_altered', 'the model file does not match its hash')
  const { header, end } = headerOf(file)
  const { version, hash, labels, second, topics, ...rest } = header
  const isOurs = () =>
    labels.join() === LABELS.join() && (topics === null || topics.segments.join() === SEGMENTS.join())
  if (version !== VERSION || hash !== HASH || !isOurs())
    throw new ModelError('model_version', 'the model file was made for other labels or another version: train it again')
  // A copy, whatever kind of array came in: the tables start at their own buffer's beginning.
  const tables = new Uint8Array(body.subarray(end))
  let at = 0
  const table = (bytes: number) => {
    at += bytes
    return at > tables.length ? new Int8Array(0) : new Int8Array(tables.buffer, at - bytes, bytes)
  }
  const withTable = (one: Omit<Network, 'table'>): Network => ({ ...one, table: table(2 ** one.bits * one.dims) })
  const withTopics = ({ segments, ...one }: TopicsHeader): Topics => ({
    ...one,
    table: table(2 ** one.bits * segments.length),
  })
  const model: Model = {
    ...rest,
    gates: table(2 ** rest.gateBits * GATE_STRIDE),
    heads: table(2 ** rest.headBits * LABELS.length),
    second: second === null ? null : { ...second, network: withTable(second.network) },
    topics: topics === null ? null : withTopics(topics),
  }
  if (at !== tables.length) throw new ModelError('model_invalid', 'the tables have another size than the header says')
  return model
}

type TopicsHeader = Omit<Topics, 'table'> & { readonly segments: readonly string[] }

type Header = Omit<Model, 'gates' | 'heads' | 'second' | 'topics'> & {
  readonly version: number
  readonly hash: string
  readonly labels: readonly string[]
  readonly second: (Omit<SecondLook, 'network'> & { readonly network: Omit<Network, 'table'> }) | null
  readonly topics: TopicsHeader | null
}

function ascii(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => character.charCodeAt(0))
}

function text(bytes: Uint8Array): string {
  let value = ''
  for (const byte of bytes) value += String.fromCharCode(byte)
  return value
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
