import fc from 'fast-check'
import { expect, test } from 'vitest'
import { besides, emptyPool, NETWORK_ANSWERS, type Network, networkLogits, pool } from './network.ts'
import { NETWORK_SETTINGS, trainNetwork } from './train-network.ts'
import { clipAt, type FeatureSet, trainColumn, xorshift } from './train-step.ts'

const BITS = 10
const row = (id: number) => (id << (32 - BITS)) | (id & 1)

/** Texts in which two words are harmful together, and neither of them says anything by itself. */
function texts(count: number, seed: number): { readonly set: FeatureSet; readonly harmful: readonly number[] } {
  const random = xorshift(seed)
  const ids: number[] = []
  const offsets = [0]
  const harmful: number[] = []
  for (let text = 0; text < count; text++) {
    const [verb, object] = [random() % 2, random() % 2]
    ids.push(row(1 + verb), row(3 + object))
    for (let i = 0; i < 12; i++) ids.push(row(10 + (random() % 200)))
    offsets.push(ids.length)
    harmful.push(Number(verb === object))
  }
  return { set: { ids: Int32Array.from(ids), offsets: Float64Array.from(offsets), count }, harmful }
}

const learn = texts(2000, 5)
const labels = Int8Array.from(learn.harmful.flatMap((label) => [label, -1, -1]))
const target = {
  ...{ labels, side: 0, weights: new Float32Array(2000).fill(1) },
  contexts: learn.harmful.map(() => ({ ambient: false, system: false })),
}
const settings = { ...NETWORK_SETTINGS, bits: BITS, dims: 8, hidden: 16, epochs: 8, dropout: 0.1, seed: 1 }
const network = trainNetwork(learn.set, target, settings, () => undefined)
const asked = { ambient: false }

function logitsOf(of: Network, ids: ArrayLike<number>): readonly number[] {
  const pooled = emptyPool(of)
  pool(of, ids, 0, ids.length, pooled)
  return [...networkLogits(of, pooled, asked)]
}

test('what words say together is learned, where no sum of weights can', () => {
  const { set, harmful } = texts(500, 9)
  const right = (score: (ids: Int32Array) => number) =>
    harmful.filter((label, i) => score(set.ids.slice(set.offsets[i]!, set.offsets[i + 1]!)) > 0 === (label === 1))
      .length
  const column = trainColumn(
    learn.set,
    { labels: Int8Array.from(learn.harmful), weights: target.weights },
    { bits: BITS, epochs: 8, rate: 0.3, decay: 0, seed: 1, emphasis: null },
    () => undefined,
  )
  const linear = (ids: Int32Array) =>
    ids.reduce((sum, id) => sum + column.weights[id >>> (32 - BITS)]!, column.bias * Math.sqrt(ids.length))
  expect(right(linear)).toBeLessThan(0.65 * 500)
  expect(right((ids) => logitsOf(network, ids)[0]!)).toBeGreaterThan(0.95 * 500)
})

test('the same texts, settings and seed give the same network; another seed does not', () => {
  expect(trainNetwork(learn.set, target, settings, () => undefined)).toEqual(network)
  expect(trainNetwork(learn.set, target, { ...settings, seed: 2 }, () => undefined)).not.toEqual(network)
})

test('a text may come in any pieces and any order, and every logit is finite', () => {
  const features = fc.array(fc.integer({ min: 0, max: 2 ** BITS - 1 }), { maxLength: 60 })
  fc.assert(
    fc.property(features, fc.nat(60), (ids, cut) => {
      const hashes = Int32Array.from(ids, row)
      const whole = logitsOf(network, hashes)
      const pooled = emptyPool(network)
      const at = Math.min(cut, hashes.length)
      pool(network, hashes, at, hashes.length, pooled)
      pool(network, hashes, 0, at, pooled)
      expect([...networkLogits(network, pooled, asked)]).toEqual(whole)
      const half = emptyPool(network)
      pool(network, hashes, 0, hashes.length, half, true)
      const odd = hashes.filter((hash) => hash & 1)
      expect([...networkLogits(network, half, asked)]).toEqual(logitsOf(network, odd))
      expect(whole).toHaveLength(NETWORK_ANSWERS.length)
      expect(whole.every(Number.isFinite)).toBe(true)
    }),
  )
})

test('where a table is clipped is the exact order statistic', () => {
  const values = fc.float32Array({ minLength: 1, maxLength: 400, noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(values, (of) => {
      const sorted = of.map(Math.abs).sort()
      expect(clipAt(of)).toBe(sorted[Math.floor(sorted.length * 0.9999)] || 1e-6)
    }),
  )
})

test('networks beside each other say the mean of what they say, of whatever sizes', () => {
  const other = trainNetwork(
    learn.set,
    target,
    { ...settings, epochs: 1, dims: 4, hidden: 6, seed: 2 },
    () => undefined,
  )
  const all = besides([network, other, network])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** BITS - 1 }), { maxLength: 60 }), (ids) => {
      const hashes = Int32Array.from(ids, row)
      const [a, b] = [logitsOf(network, hashes), logitsOf(other, hashes)]
      logitsOf(all, hashes).forEach((logit, i) => {
        expect(logit).toBeCloseTo((2 * a[i]! + b[i]!) / 3, 9)
      })
    }),
  )
})
