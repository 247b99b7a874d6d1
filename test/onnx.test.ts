import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LABELS } from '../src/core/base/reasons.ts'
import type { Question } from '../src/gateway/ports.ts'
import { detectorSchema } from '../src/io/config/detectors.ts'
import { checkFiles, onnxGuard } from '../src/io/detectors/onnx-guard.ts'
import { writeTestOnnx } from '../tools/make-test-onnx.ts'

/** A guard model in ONNX: the files it may be made of, and, where the optional package is at hand, what it says. */
let folder: string
let files: Record<string, string>
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-onnx-'))
  files = writeTestOnnx(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function detector(some: object = {}) {
  const written = { kind: 'onnx', id: 'guard', folder, files, labels: { harm: 'weapons' }, max_tokens: 16, ...some }
  const config = detectorSchema.parse(written)
  return onnxGuard(config as Extract<typeof config, { kind: 'onnx' }>)
}
const about = (text: string): Question => ({
  stage: 'input',
  text,
  asked: '',
  categories: ['weapons'],
  requestId: 'req_1',
  beside: null,
})
const never = new AbortController().signal

describe('files', () => {
  test('OP-12: a file that was altered, is missing, or was added is not run', async () => {
    await checkFiles({ folder, files })
    const more = { ...files, 'more.json': '0'.repeat(64) }
    await expect(checkFiles({ folder, files: more })).rejects.toMatchObject({ code: 'file_altered' })
    const altered = { ...files, 'onnx/model.onnx': '0'.repeat(64) }
    await expect(checkFiles({ folder, files: altered })).rejects.toMatchObject({ code: 'file_altered' })
    const guard = detector({ files: altered })
    await expect(guard.ask(about('bomb'), never)).rejects.toMatchObject({ code: 'file_altered' })
    // What is not the file named does not become it by asking again.
    expect(await guard.ask(about('bomb'), never)).toEqual({ kind: 'unavailable', code: 'failed' })
    writeFileSync(join(folder, 'onnx', 'model.onnx_data'), 'x')
    await expect(checkFiles({ folder, files })).rejects.toMatchObject({ code: 'file_unknown' })
    rmSync(join(folder, 'onnx', 'model.onnx_data'))
  })
})

const peer = (() => {
  try {
    createRequire(import.meta.url).resolve('@huggingface/transformers')
    return true
  } catch {
    return false
  }
})()
/** Some 450 MB, so an optional peer: `npm install --no-save @huggingface/transformers`, or NODE_PATH to one that is. */
const withPeer = peer ? test : test.skip
const name = peer ? '' : ' (skipped: the optional package @huggingface/transformers is not installed)'

describe(`scores${name}`, () => {
  withPeer('a local model is run in its own thread, and reads past its window', async () => {
    const guard = detector()
    const weapons = async (text: string) => {
      const opinion = await guard.ask(about(text), never)
      return opinion.kind === 'scored' ? opinion.ppm[LABELS.indexOf('harm.weapons')]! : opinion
    }
    expect(await weapons('good bread')).toBeLessThan(10_000)
    expect(await weapons('a Bomb')).toBeGreaterThan(900_000)
    for (const at of [0, 100, 199]) {
      const words = Array.from({ length: 200 }, (_, i) => (i === at ? 'bomb' : 'good'))
      expect(await weapons(words.join(' '))).toBeGreaterThan(900_000)
    }
    const many = await Promise.all(Array.from({ length: 20 }, (_, i) => weapons(i % 2 === 0 ? 'good' : 'bad')))
    expect(many.map((ppm) => Number(ppm) > 500_000)).toEqual(Array.from({ length: 20 }, (_, i) => i % 2 === 1))
    await guard.close()
    expect(await guard.ask(about('bad'), never)).toEqual({ kind: 'unavailable', code: 'failed' })
  })

  test.skipIf(peer)('without the package: no opinion, and what to install', async () => {
    const guard = detector()
    await expect(guard.ask(about('bomb'), never)).rejects.toThrow('npm install @huggingface/transformers')
    expect(await guard.ask(about('bomb'), never)).toEqual({ kind: 'unavailable', code: 'failed' })
    await guard.close()
  })
})
