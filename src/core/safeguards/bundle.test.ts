import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBundle, aCascade, aFamily, aMember } from '../../../test/fakes/a-bundle.ts'
import { type Bundle, bundleHash, bundleText, parseBundle, sunsetMs } from './bundle.ts'
import { archiveOf, bundleOfArchive } from './bundle-archive.ts'
import { bundleFiles, bundleOfFiles, isBundlePath } from './bundle-files.ts'
import { isSame, planOf } from './plan.ts'

const sha256 = (text: string) => hash('sha256', text)

const bundles: fc.Arbitrary<Bundle> = fc
  .record({
    sunset: fc.constantFrom(null, '2027-01-31'),
    cascade: fc.constantFrom(null, aCascade(), aCascade('b', 'a')),
    families: fc.uniqueArray(
      fc
        .tuple(
          fc.stringMatching(/^[a-z]([a-z0-9-]|\.[a-z0-9-]){0,20}$/),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
        )
        .map(([id, bias]) => aFamily({ id, bias: bias + 0 })),
      { selector: ({ id }) => id, maxLength: 4 },
    ),
  })
  .map((facts) => aBundle(facts))

describe('bundle', () => {
  test('every fault is told at once, with its place', () => {
    const bad = { ...aBundle(), slot: 'Base slot', sunset: 'soon', extra: 1 } as Record<string, unknown>
    bad.rules = [{ ...aBundle().rules[0], patterns: ['('] }]
    bad.families = [aFamily(), { ...aFamily(), bits: 8 }] as unknown[]
    const message = messageOf(() => parseBundle(bad))
    for (const place of ['slot', 'sunset', 'extra', 'families.1']) expect(message).toContain(place)
    const names = messageOf(() => parseBundle(aBundle({ families: [aFamily(), aFamily({ id: 'Family-1' })] })))
    expect(names).toContain('two are named')
    expect(messageOf(() => parseBundle({ ...aBundle(), rules: bad.rules }))).toContain('not valid RE2')
  })

  test('thresholds must rise, a model is named, a feature is a hash of 32 bits', () => {
    const { policy } = aBundle()
    const harms = { ...policy.harms, cyber: { ...policy.harms.cyber, input: { clear: 5, act: 4, actPlus: 6 } } }
    expect(() => parseBundle(aBundle({ policy: { ...policy, harms } }))).toThrow('clear ≤ act')
    expect(() => parseBundle(aBundle({ model: null }))).toThrow('names its model')
    expect(parseBundle(aBundle({ model: null, slot: 'cyber' })).model).toBeNull()
    expect(() => parseBundle(aBundle({ families: [aFamily({ weights: [[2 ** 31, 1]] })] }))).toThrow(
      'families.0.weights',
    )
  })

  test('its name changes with any member, and with nothing else', () => {
    const one = aBundle()
    const name = bundleHash(one, sha256)
    expect(name).toMatch(/^sha256:[0-9a-f]{64}$/)
    const turned = Object.fromEntries(Object.entries(one).reverse()) as unknown as Bundle
    expect(bundleHash(turned, sha256)).toBe(name)
    const others = [
      aBundle({ sunset: '2027-01-01' }),
      aBundle({ slot: 'cyber' }),
      aBundle({ families: [] }),
      aBundle({ rules: [] }),
      aBundle({ families: [aFamily({ threshold: 0.8000001 })] }),
      aBundle({ cascade: aCascade() }),
      aBundle({ cascade: aCascade('b', 'a') }),
      aBundle({ cascade: { ...aCascade(), stop: 'cannot_change' } }),
      aBundle({ model: `sha256:${'cd'.repeat(32)}` }),
    ]
    expect(new Set([name, ...others.map((other) => bundleHash(other, sha256))]).size).toBe(others.length + 1)
  })

  test('a cascade is whole: no member is left out, none is asked twice, nothing of the configuration is in it', () => {
    const [member] = aCascade('judge').order
    const refused: [wrong: object, place: string][] = [
      [{ order: [member] }, 'cascade.stop'],
      [{ ...aCascade('judge'), stop: 'never' }, 'cascade.stop'],
      [{ ...aCascade('judge'), order: [{ ...member, url: 'https://judge.example' }] }, 'url'],
      [{ ...aCascade('judge'), order: [{ ...member, budget_ms: 1 }] }, 'budget_ms'],
      [{ ...aCascade('judge'), order: [{ ...member, names: [] }] }, 'cascade.order.0.names'],
      [{ ...aCascade('judge'), order: [{ ...member, onFailure: { bio: 'allow' } }] }, 'onFailure'],
      [aCascade('judge', 'judge'), 'two are named `judge`'],
    ]
    for (const [wrong, place] of refused)
      expect(messageOf(() => parseBundle({ ...aBundle(), cascade: wrong }))).toContain(place)
    const asked = { order: [aMember('judge', { covers: [], onFailure: { default: 'error' } })], stop: 'settled' }
    expect(parseBundle({ ...aBundle(), cascade: asked }).cascade).toEqual(asked)
  })

  test('a plan says who is asked otherwise, and which of two fail policies is stricter', () => {
    const now = aBundle({ cascade: aCascade('mod', 'judge') })
    const order = [aMember('judge', { stages: ['input', 'output'], onFailure: { bio: 'error' } }), aMember('mod')]
    const { cascade, tier, tierBecause } = planOf(now, { ...now, cascade: { order, stop: 'cannot_change' } })
    expect(cascade).toEqual([
      { at: 'cascade order', before: 'mod, judge', after: 'judge, mod', effect: 'other' },
      { at: 'cascade stop', before: 'settled', after: 'cannot_change', effect: 'other' },
      { at: 'cascade judge stages', before: 'input', after: 'input, output', effect: 'other' },
      { at: 'cascade judge onFailure bio', before: 'cheaper stages', after: 'error', effect: 'tighter' },
    ])
    expect([tier, tierBecause]).toEqual([2, ['cascade']])
    expect(planOf(aBundle(), now).cascade[0]).toMatchObject({ before: 'as configured', after: 'mod, judge' })
    expect(planOf(now, aBundle()).cascade[0]).toMatchObject({ before: 'mod, judge', after: 'as configured' })
    expect(isSame(planOf(now, now))).toBe(true)
  })

  test('a plan says where asking begins; a bundle that does not say it keeps its name and asks from `clear` on', () => {
    const bundle = aBundle()
    const rule = { ...bundle.policy.harms.cyber, ask: 200_000 }
    const asking = { ...bundle, policy: { ...bundle.policy, harms: { ...bundle.policy.harms, cyber: rule } } }
    const { ask: _, ...silent } = rule
    const without = { ...bundle, policy: { ...bundle.policy, harms: { ...bundle.policy.harms, cyber: silent } } }
    expect(bundleText(parseBundle(JSON.parse(bundleText(without))))).toBe(bundleText(without))
    const before = (silent.input.clear / 1_000_000).toFixed(2)
    const { thresholds, tier } = planOf(without, asking)
    expect(thresholds).toEqual([{ at: 'harm.cyber ask', before, after: '0.20', effect: 'tighter' }])
    expect(tier).toBe(1)
  })

  test('a sunset is the start of its day in UTC', () => {
    expect(sunsetMs(aBundle({ sunset: '2027-01-31' }))).toBe(Date.UTC(2027, 0, 31))
    expect(sunsetMs(aBundle())).toBeNull()
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), (days) => {
        const date = new Date(days * 86_400_000).toISOString().slice(0, 10)
        expect(sunsetMs(aBundle({ sunset: date }))).toBe(days * 86_400_000)
      }),
    )
  })

  test('git form and archive give back the same bundle, and the same bytes each time', () => {
    fc.assert(
      fc.property(bundles, (bundle) => {
        const files = bundleFiles(bundle, sha256)
        expect(bundleOfFiles([...files].reverse(), sha256, 'check')).toEqual(bundle)
        const archive = archiveOf(bundle, sha256)
        const again = bundleOfArchive(archive, sha256)
        expect(again).toEqual(bundle)
        expect(archiveOf(again, sha256)).toBe(archive)
      }),
      { numRuns: 30 },
    )
  })

  test('an edited file is found by its hash, and read all the same where that is asked for', () => {
    const files = bundleFiles(aBundle(), sha256).map(({ path, text }) =>
      path === 'rules.json' ? { path, text: '[]' } : { path, text },
    )
    expect(() => bundleOfFiles(files, sha256, 'check')).toThrow(
      expect.objectContaining({
        code: 'hash_mismatch',
        message: expect.stringMatching(/; if it was edited on purpose, run `sluice safeguard seal FOLDER`$/),
      }),
    )
    expect(bundleOfFiles(files, sha256, 'ignore').rules).toEqual([])
    // What an editor or git does to white space is no edit.
    const spaced = bundleFiles(aBundle(), sha256).map(({ path, text }) => ({
      path,
      text: text.replaceAll('\n', '\r\n'),
    }))
    expect(bundleOfFiles(spaced, sha256, 'check')).toEqual(aBundle())
  })

  test('OP-12: an archive with other paths, one file twice, another hash or a huge size is refused', () => {
    const archive = archiveOf(aBundle(), sha256)
    const tricks: readonly (readonly [string, (text: string) => string])[] = [
      ['a path upwards', (text) => text.replace('"policy.json","text"', '"../policy.json","text"')],
      ['an absolute path', (text) => text.replace('"families/family-1.json","text"', '"/etc/passwd","text"')],
      ['a backslash', (text) => text.replace('"families/family-1.json","text"', '"families\\\\..\\\\x.json","text"')],
      ['one file twice', (text) => text + text.split('\n').find((line) => line.includes('"rules.json","text"'))!],
      ['a link', (text) => text.replace('{"path":"policy.json"', '{"link":"/etc/passwd","path":"policy.json"')],
      ['another hash', (text) => text.replace(/"hash":"sha256:./, '"hash":"sha256:x')],
      ['another threshold', (text) => text.replace('700000', '700001')],
      ['another format', (text) => text.replace('sluice-safeguard/1', 'sluice-safeguard/2')],
      ['no JSON', () => 'PK\u0003\u0004'],
      ['a huge size', (text) => text + ' '.repeat(40 * 1024 * 1024)],
      ['thousands of lines', (text) => text + '{}\n'.repeat(5000)],
    ]
    for (const [name, trick] of tricks) {
      const tampered = trick(archive)
      expect(tampered, name).not.toBe(archive)
      expect(() => bundleOfArchive(tampered, sha256), name).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(bundle_|hash_)/) }),
      )
    }
  })

  test('paths of a bundle are a closed set', () => {
    for (const path of ['manifest.json', 'families/a.json', 'families/a-1.b.json'])
      expect(isBundlePath(path)).toBe(true)
    for (const path of ['a.json', 'families/../a.json', 'families/a/b.json', './policy.json', 'families/..json', 'CON'])
      expect(isBundlePath(path), path).toBe(false)
  })
})

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}
