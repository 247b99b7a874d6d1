import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LABELS } from '../src/core/base/reasons.ts'
import type { Question } from '../src/gateway/ports.ts'
import { detectorSchema } from '../src/io/config/detectors.ts'
import { checkFiles, checkLabels, onnxGuard } from '../src/io/detectors/onnx-guard.ts'
import { writeTestOnnx } from '../tools/make-test-onnx.ts'
import { sluice } from './parts/sluice.ts'

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

describe('labels', () => {
  const of = (own: unknown, labels: Record<string, 'weapons'>) => {
    const config = JSON.stringify({ model_type: 'bert', ...(own === undefined ? {} : { id2label: own }) })
    const other = mkdtempSync(join(tmpdir(), 'sluice-onnx-'))
    writeFileSync(join(other, 'config.json'), config)
    try {
      checkLabels({ folder: other, labels })
      return null
    } catch (error) {
      return error
    } finally {
      rmSync(other, { recursive: true })
    }
  }

  test('CL-15: a label that the model does not have is no model that can be run, and never its silence', async () => {
    checkLabels({ folder, labels: { harm: 'weapons' } })
    const unknown = { code: 'model_unusable', message: expect.stringMatching(/`Harm`.*wanted `safe`, `harm`/) }
    const guard = detector({ labels: { harm: 'weapons', Harm: 'chem' } })
    await expect(guard.ask(about('bomb'), never)).rejects.toMatchObject(unknown)
    expect([guard.state(), await guard.ask(about('bomb'), never)]).toEqual([
      'open',
      { kind: 'unavailable', code: 'failed' },
    ])
  })

  test('CL-15: a model whose labels have no names has numbers for them', () => {
    expect(of(undefined, { LABEL_1: 'weapons' })).toBeNull()
    expect(of(undefined, { unsafe: 'weapons' })).toMatchObject({ code: 'model_unusable' })
    expect(of({ 0: 'safe', 1: 'unsafe' }, { LABEL_1: 'weapons' })).toMatchObject({ code: 'model_unusable' })
  })

  test('CL-15: doctor says which label the model does not have', async () => {
    const config = join(folder, '..', `${basename(folder)}.yaml`)
    const examined = async (labels: Record<string, 'weapons'>) => {
      const guard = { kind: 'onnx', id: 'guard', folder, files, labels }
      writeFileSync(config, JSON.stringify({ detectors: [guard] }))
      const { stdout } = await sluice(['doctor', '--json'], { SLUICE_DATA: `${folder}-data`, SLUICE_CONFIG: config })
      const { checks } = JSON.parse(stdout) as { checks: { name: string; good: boolean; text: string }[] }
      return checks.find(({ name }) => name === 'second opinion guard')
    }
    const wrong = { good: false, text: expect.stringContaining('`Harm`') }
    expect(await examined({ Harm: 'weapons' })).toMatchObject(wrong)
    expect(await examined({ harm: 'weapons' })).toMatchObject({ good: true })
    for (const made of [config, `${folder}-data`]) rmSync(made, { recursive: true })
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

  withPeer('CL-15: a score that is no number is no verdict, in any window', async () => {
    for (const activation of ['softmax', 'sigmoid']) {
      const guard = detector({ activation })
      const words = Array.from({ length: 60 }, (_, i) => (i === 40 ? 'broken' : 'good')).join(' ')
      for (const text of ['broken', words])
        expect(await guard.ask(about(text), never)).toEqual({ kind: 'unavailable', code: 'failed' })
      await guard.close()
    }
  })

  test.skipIf(peer)('without the package: no opinion, and what to install', async () => {
    const guard = detector()
    await expect(guard.ask(about('bomb'), never)).rejects.toThrow('npm install @huggingface/transformers')
    expect(await guard.ask(about('bomb'), never)).toEqual({ kind: 'unavailable', code: 'failed' })
    await guard.close()
  })
})
