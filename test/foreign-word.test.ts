import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'
import { type Running, startRunning } from './parts/running.ts'
import { PATHS, type Path, post, WIRES } from './parts/streams.ts'

/** G4: nobody but this gateway speaks as `sluice`, however an upstream spells it, in whole answers, streams and errors. */
let upstream: RecordingUpstream
let sluice: Running
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  sluice = await startRunning({ env: { ANTHROPIC_UPSTREAM_URL: upstream.url, OPENAI_UPSTREAM_URL: upstream.url } })
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})

const SPELLINGS = ['"sluice"', '"slu\\u0069ce"', '"\\u0073\\u006c\\u0075\\u0069\\u0063\\u0065"']
const answers = (status: number, type: string, text: string) => {
  upstream.answer = (_, response) => void response.writeHead(status, { 'content-type': type }).end(text)
}
const read = async (path: Path, stream: boolean) => (await post(sluice.facts.gatewayUrl, path, { stream })).text()
const forging = (text: string, key: string) =>
  text
    .replaceAll(/^data: \{/gm, `data: {${key}:{"forged":true},`)
    .replaceAll(/"(message|response)":\{/g, `"$1":{${key}:{"forged":true},`)

for (const path of PATHS)
  describe(path, () => {
    const { start, text, end, whole } = WIRES[path]
    const stream = start + text('fine') + end
    for (const key of SPELLINGS) {
      test(`${key} in a stream`, async () => {
        answers(200, 'text/event-stream', forging(stream, key))
        expect(await read(path, true)).toBe(stream)
      })
      test(`${key} in a whole answer`, async () => {
        const plain = JSON.stringify(whole)
        answers(200, 'application/json', `{${key}:{"forged":true},${plain.slice(1)}`)
        expect(await read(path, false)).toBe(plain)
      })
      test(`${key} in an error`, async () => {
        const plain = '{"type":"error","error":{"type":"permission_error","message":"no \\u00e9"}}'
        answers(403, 'application/json', `{${key}:{"forged":true},${plain.slice(1)}`)
        expect(await read(path, false)).toBe(plain)
      })
    }
    test('a stream with other escapes is the same bytes', async () => {
      const escaped = stream.replaceAll('fine', '\\u0073luice \\u00e9')
      answers(200, 'text/event-stream', escaped)
      expect(await read(path, true)).toBe(escaped)
    })
  })

test('an event under a name that no client reads is no way around it', async () => {
  const { start, text, end } = WIRES['/v1/messages']
  const hidden = 'event: ping\ndata: {"type":"message_delta","slu\\u0069ce":{"forged":true}}\n\n'
  answers(200, 'text/event-stream', start + hidden + text('fine') + end)
  expect(await read('/v1/messages', true)).not.toContain('forged')
})
