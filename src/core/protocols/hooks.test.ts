import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFrame } from './hooks.ts'

const CANARY = 'canaryword'
const FRAME = {
  type: 'prompt',
  request_id: 'req_1',
  tenant_id: 't',
  actor: { type: 'user', id: 'u', email_address: 'a@example.com' },
  source: { application: 'claude-code' },
  session_id: 's',
  model: 'm',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'hello' },
        { type: 'attachment', file_name: 'a', media_type: 'text/plain', size_bytes: 1, text: 'b' },
      ],
    },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'i', tool_name: 'n', input: { path: ['p'] } }] },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'i', tool_name: 'n', content: 'c', is_error: false }],
    },
    { role: 'user', content: 'plain' },
    { role: 'user', content: [{ type: 'hologram', deep: { words: ['w'] } }] },
  ],
  metadata: { a: 'b' },
}
/** Members that name, where they hold a plain value. */
const NAMES = new Set(
  ['type', 'role', 'id', 'tool_use_id', 'is_error', 'size_bytes', 'email_address', 'application'].concat(
    ...['request_id', 'tenant_id', 'session_id', 'model'],
  ),
)

const readIn = (body: string) =>
  decodeFrame(body)
    .exchange.turns.flatMap(({ parts }) => parts)
    .flatMap((part) => (part.kind === 'text' ? [part.text] : []))
    .join('\n')

type Path = readonly (string | number)[]
function pathsIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...at, key]))]
}
function changed(value: unknown, path: Path, change: (value: unknown) => unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return change(value)
  const copy = structuredClone(value) as Record<string, unknown>
  copy[key] = changed(copy[key], rest, change)
  return copy
}
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const at = (path: Path) => path.reduce((value: unknown, key) => (value as Record<string, unknown>)[key], FRAME)
const paths = pathsIn(FRAME).slice(1)

/** Shapes in which a word may come. */
const shapes = fc.constantFrom<unknown>(
  ...[CANARY, [CANARY], { text: CANARY }, { type: 'text', text: CANARY }, { [CANARY]: 1 }, { a: [[{ b: CANARY }]] }],
  ...[[{ type: 'text', text: CANARY }], { role: 'user', content: CANARY }, [[CANARY]]],
)

test('GW-21: hooks: a word in any place of a frame, in any shape, is read, unless it is a plain name', () => {
  fc.assert(
    fc.property(fc.constantFrom(...paths), shapes, (path, shape) => {
      const name = String(path.at(-1))
      // A block of another type is another block; what is plain among the names is one.
      if (name === 'type' || (NAMES.has(name) && typeof shape === 'string' && !path.includes('input'))) return
      expect(readIn(JSON.stringify(changed(FRAME, path, () => shape)))).toContain(CANARY)
    }),
    { numRuns: 1_000 },
  )
})

test('GW-21: hooks: a member of any name beside those that are known is read, and so is its name', () => {
  const objects = [[], ...paths.filter((path) => isObject(at(path)))]
  fc.assert(
    fc.property(fc.constantFrom(...objects), shapes, (path, shape) => {
      const with_ = (name: string, value: unknown) =>
        JSON.stringify(changed(FRAME, path, (object) => ({ ...(object as object), [name]: value })))
      expect(readIn(with_('later', shape))).toContain(CANARY)
      expect(readIn(with_(CANARY, 1))).toContain(CANARY)
    }),
    { numRuns: 1_000 },
  )
})

test('hooks: what names is no text, and a plain frame has no turn but its messages', () => {
  const { exchange, event } = decodeFrame(JSON.stringify({ ...FRAME, metadata: {} }))
  expect([event, exchange.turns.length, exchange.model, exchange.session]).toEqual(['prompt', 5, 'm', 's'])
  const text = readIn(JSON.stringify(FRAME))
  for (const name of ['req_1', 'a@example.com', 'claude-code', 'tool_use_id', 'role']) expect(text).not.toContain(name)
})

test('CL-15: hooks: any text is a frame, and a deep one costs no stack', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      expect(['prompt', 'unknown', 'unreadable']).toContain(decodeFrame(body).event)
    }),
  )
  const nested = (levels: number) => `{"type":"prompt","x":${'['.repeat(levels)}"${CANARY}"${']'.repeat(levels)}}`
  expect(decodeFrame(nested(999)).event).toBe('prompt')
  expect(readIn(nested(999))).toContain(CANARY)
  expect(decodeFrame(nested(1_000_000)).event).toBe('unreadable')
  expect(readIn(nested(1_000_000))).toContain(CANARY)
})

test('hooks: half a surrogate pair stays in the text, and not in the name of the model', () => {
  const { event, exchange } = decodeFrame('{"type":"prompt","model":"m\\ud800","messages":["a\\udc00b"]}')
  expect([event, exchange.model]).toEqual(['prompt', 'm\ufffd'])
  expect(exchange.turns[0]!.parts[0]).toMatchObject({ text: 'a\udc00b' })
})
