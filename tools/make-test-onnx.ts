import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * A guard model of six words, as small as ONNX allows, for tests of the adapter: every word has a score of its own, and a
 * text has the greatest of its words'; `broken` has none that is a number. `node tools/make-test-onnx.ts <folder>` writes it.
 *
 * The file is protobuf by hand: field number and wire type, then a varint or a length and bytes (onnx.proto3, opset 13).
 */
const WORDS = ['[UNK]', 'good', 'bread', 'bad', 'bomb', 'broken']
/** Logits per word, for `safe` and `harm`. Shape [words, 2]. */
const LOGITS = [4, -4, 4, -4, 4, -4, 0, 12, 0, 12, Infinity, -Infinity]

function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 0x80)
  }
}
type Field = readonly [number: number, value: number | string | readonly number[]]
function message(...fields: readonly Field[]): number[] {
  return fields.flatMap(([number, value]) => {
    if (typeof value === 'number') return [...varint(number * 8), ...varint(value)]
    const bytes = typeof value === 'string' ? [...Buffer.from(value)] : value
    return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes]
  })
}

const FLOAT = 1
const INT64 = 7
const dimension = (name: string | number) =>
  message([1, typeof name === 'string' ? message([2, name]) : message([1, name])])
const tensorType = (type: number, ...dims: readonly (string | number)[]) =>
  message([1, message([1, type], [2, dims.flatMap(dimension)])])
const value = (name: string, type: number, ...dims: readonly (string | number)[]) =>
  message([1, name], [2, tensorType(type, ...dims)])

function model(): Uint8Array {
  const raw = new Uint8Array(new Float32Array(LOGITS).buffer)
  const weights = message([1, WORDS.length], [1, 2], [2, FLOAT], [8, 'words'], [9, [...raw]])
  const look = message([1, 'words'], [1, 'input_ids'], [2, 'looked'], [4, 'Gather'])
  const axes = message([1, 'axes'], [8, 1], [20, 7])
  const keep = message([1, 'keepdims'], [3, 0], [20, 2])
  const most = message([1, 'looked'], [2, 'logits'], [4, 'ReduceMax'], [5, axes], [5, keep])
  const graph = message(
    [1, look],
    [1, most],
    [2, 'six-words'],
    [5, weights],
    [11, value('input_ids', INT64, 'batch', 'length')],
    [12, value('logits', FLOAT, 'batch', 2)],
  )
  return Uint8Array.from(message([1, 8], [7, graph], [8, message([2, 13])]))
}

/** Every file of the model, by its path in the folder. */
export function testOnnxFiles(): Readonly<Record<string, Uint8Array>> {
  const json = (content: unknown) => Buffer.from(JSON.stringify(content))
  return {
    'onnx/model.onnx': model(),
    'config.json': json({
      model_type: 'bert',
      architectures: ['BertForSequenceClassification'],
      id2label: { 0: 'safe', 1: 'harm' },
      label2id: { safe: 0, harm: 1 },
    }),
    'tokenizer_config.json': json({ tokenizer_class: 'PreTrainedTokenizer', unk_token: '[UNK]' }),
    'tokenizer.json': json({
      version: '1.0',
      added_tokens: [],
      normalizer: { type: 'Lowercase' },
      pre_tokenizer: { type: 'Whitespace' },
      post_processor: null,
      decoder: null,
      model: { type: 'WordLevel', vocab: Object.fromEntries(WORDS.map((word, i) => [word, i])), unk_token: '[UNK]' },
    }),
  }
}

/** Writes the files. @returns their SHA-256, as `files` of a detector's configuration wants them. */
export function writeTestOnnx(folder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(testOnnxFiles()).map(([name, bytes]) => {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, bytes)
      return [name, createHash('sha256').update(bytes).digest('hex')]
    }),
  )
}

if (import.meta.main) {
  const folder = process.argv[2]
  if (folder === undefined) throw new Error('wanted a folder: node tools/make-test-onnx.ts <folder>')
  process.stdout.write(`${JSON.stringify(writeTestOnnx(folder), null, 2)}\n`)
}
