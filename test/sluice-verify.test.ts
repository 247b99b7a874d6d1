import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  availability,
  DUTY,
  decision,
  entry,
  hashName,
  history,
  INSTRUMENT,
  instrumentOf,
  move,
  RECEIPT,
  REGISTER,
  shipped,
} from './record/entries.ts'
import {
  type FolderOptions,
  LOG,
  ORIGIN,
  POLICY,
  put,
  tilePath,
  treeOf,
  WITNESSES,
  writeFolder,
} from './record/folder.ts'
import { checkpointBody, note, signer } from './record/notes.ts'
import { faultOf, run, sluiceVerify, verifier } from './record/verifier.ts'

const { verifyFolder } = verifier
const SIZE = 330
const KEPT = [100, 256, 300]
const DOCUMENTS = [REGISTER, INSTRUMENT, RECEIPT]
const entries = history(SIZE)

let home: string
let count = 0
/** A folder of its own for a test that changes it. */
function fresh(
  all: readonly Buffer[] = entries,
  options: FolderOptions = { kept: KEPT, documents: DOCUMENTS },
): string {
  const folder = join(home, `folder-${count++}`)
  writeFolder(folder, treeOf(all), options)
  return folder
}
const frame = (all: readonly Buffer[]): Buffer =>
  Buffer.concat(all.flatMap((one) => [Buffer.of(one.length >> 8, one.length & 255), one]))
const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-verify-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('a record that nobody changed', () => {
  test('RC-4: 20,000 entries verify: signatures, witnesses, tiles, entries, documents', async () => {
    const folder = fresh(history(20_000))
    const told = await verifyFolder(folder)
    expect(told).toMatchObject({
      result: 'verified',
      origin: ORIGIN,
      size: 20_000,
      kept: 3,
      missing: [],
      instruments: 1,
    })
    expect(told.documents).toEqual({ match: 3, elsewhere: told.entries!['decision']! - 1 })
    expect(Object.values(told.entries!).reduce((sum, n) => sum + n)).toBe(20_000)
    expect(told.witnesses.map(({ name }) => name)).toEqual(WITNESSES.map(({ name }) => name))
    expect((await verifyFolder(folder, { fast: true })).root).toBe(told.root)
    const { code, stdout } = await sluiceVerify(folder)
    expect(code).toBe(0)
    expect(stdout).toContain(`verified: ${ORIGIN}, 20,000 entries, 2 witnesses`)
  })

  test('sizes around a tile, and the empty log', async () => {
    for (const size of [0, 1, 2, 255, 256, 257, 511, 512, 513])
      expect((await verifyFolder(fresh(history(size), {}))).size).toBe(size)
  })

  test('a full tile serves where the partial one has gone; files beyond the checkpoint are told', async () => {
    const folder = fresh(entries, {})
    const longer = fresh(history(600), {})
    cpSync(join(longer, 'tile'), join(folder, 'tile'), { recursive: true })
    rmSync(join(folder, 'tile/0/001.p'), { recursive: true })
    rmSync(join(folder, 'tile/entries/001.p'), { recursive: true })
    const told = await verifyFolder(folder)
    expect(told.result).toBe('verified')
    expect(told.gaps.join()).toContain('beyond the checkpoint: 2 files')
  })

  test('what is not here is named, and is not called tampering: exit 4', async () => {
    for (const path of ['tile/0/000', 'tile/entries/000', 'tile/1/000.p/1', 'tile/0/001.p/74']) {
      const folder = fresh(entries, {})
      rmSync(join(folder, path))
      expect(await verifyFolder(folder)).toMatchObject({ result: 'incomplete', missing: [path] })
    }
    const folder = fresh(entries, {})
    rmSync(join(folder, 'tile/0/001.p'), { recursive: true })
    rmSync(join(folder, 'tile/entries/001.p'), { recursive: true })
    const { code, stdout } = await sluiceVerify(folder)
    expect([code, stdout]).toEqual([4, expect.stringContaining('missing: tile/0/001.p/74')])
    rmSync(join(folder, 'checkpoint'))
    expect((await sluiceVerify(folder)).code).toBe(4)
  })
})

describe('a record that somebody changed', () => {
  test('RC-3: 1,000 of 1,000 single-bit changes in checkpoints, tiles, bundles and documents are tampering', async () => {
    const folder = fresh(entries.slice(0, 270), { kept: [100, 256], documents: DOCUMENTS })
    const files = filesOf(folder).filter((path) => !path.endsWith('log.policy'))
    const seen = new Set<string>()
    let state = 20_260_612
    const below = (n: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * n)
    }
    const missed: string[] = []
    for (let n = 0; n < 1000; n++) {
      const path = files[below(files.length)]!
      const whole = readFileSync(path)
      const bit = below(whole.length * 8)
      const changed = Buffer.from(whole)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      writeFileSync(path, changed)
      const fault = await verifyFolder(folder).then(
        () => null,
        (error) => error,
      )
      const named = !path.includes('tile') || Number.isInteger(fault?.index)
      if (fault?.result !== 'tampered' || !named) missed.push(`${path} bit ${bit}: ${fault}`)
      if (n % 250 === 0) expect((await sluiceVerify(folder)).code).toBe(1)
      writeFileSync(path, whole)
      seen.add(path)
    }
    expect(missed).toEqual([])
    expect(seen.size).toBe(files.length)
    expect((await verifyFolder(folder)).result).toBe('verified')
  })

  test('RC-3: the first bad index is named, wherever the byte lies', async () => {
    const flip = async (path: string, at: number): Promise<number | null> => {
      const folder = fresh()
      const bytes = readFileSync(join(folder, path))
      bytes[at]! ^= 1
      writeFileSync(join(folder, path), bytes)
      return (await faultOf(() => verifyFolder(folder))).index
    }
    const start = (index: number) => frame(entries.slice(0, index)).length
    expect(await flip('tile/0/000', 32 * 7 + 3)).toBe(7)
    expect(await flip('tile/0/001.p/74', 32 * 5)).toBe(261)
    expect(await flip('tile/0/000.p/100', 32 * 99)).toBe(99)
    expect(await flip('tile/1/000.p/1', 5)).toBe(0)
    expect(await flip('tile/entries/000', start(9) + 40)).toBe(9)
    for (const byte of [0, 1]) expect(await flip('tile/entries/000', start(200) + byte)).toBe(200)
    expect(await flip('tile/entries/000.p/100', start(42) + 40)).toBe(42)
    const receipt = hashName(RECEIPT).slice(7)
    expect(await flip(`documents/${receipt.slice(0, 2)}/${receipt}`, 3)).toBe(2)
  })

  test('RC-3: an entry removed, put elsewhere, said twice or cut off, in its bundle alone or in the tile as well', async () => {
    const changes: readonly (readonly [string, (all: Buffer[]) => void, number])[] = [
      ['removed', (all) => all.splice(20, 1), 20],
      ['reordered', (all) => all.splice(30, 2, all[31]!, all[30]!), 30],
      ['duplicated', (all) => all.splice(40, 0, all[40]!), 41],
    ]
    for (const [name, change, index] of changes) {
      const all = [...entries]
      change(all)
      const folder = fresh(entries, {})
      put(folder, tilePath('entries', 0, 256), frame(all.slice(0, 256)))
      expect((await faultOf(() => verifyFolder(folder))).index, name).toBe(index)
      // The whole tree rewritten under the old checkpoint: the root is another one.
      const rewritten = fresh([...all, decision(SIZE, 400_000)].slice(0, SIZE), { kept: [10] })
      cpSync(join(folder, 'checkpoint'), join(rewritten, 'checkpoint'))
      const fault = await faultOf(() => verifyFolder(rewritten))
      expect([fault.result, fault.index === null], name).toEqual(['tampered', false])
    }
    for (const path of ['tile/0/000', 'tile/entries/000', 'tile/1/000.p/1']) {
      const folder = fresh(entries, {})
      const bytes = readFileSync(join(folder, path))
      writeFileSync(join(folder, path), bytes.subarray(0, bytes.length - 33))
      expect((await faultOf(() => verifyFolder(folder))).result).toBe('tampered')
      writeFileSync(join(folder, path), Buffer.concat([bytes, Buffer.of(0)]))
      expect((await faultOf(() => verifyFolder(folder))).result).toBe('tampered')
    }
  })

  test('RC-3: a history rewritten under the log’s own key is caught by its witnesses, or by a kept checkpoint', async () => {
    const all = [...entries]
    all[150] = decision(9999, 60_000 + 150_000)
    const lonely = fresh(all, { witnesses: [] })
    expect(await faultOf(() => verifyFolder(lonely))).toMatchObject({ code: 'quorum', result: 'tampered' })
    // Witnesses bought as well: what was signed before, and kept anywhere, still tells.
    const bought = fresh(all, {})
    const original = fresh()
    for (const against of [original, join(original, 'checkpoints/300')])
      expect(await faultOf(() => verifyFolder(bought, { against }))).toMatchObject({ code: 'fork' })
    cpSync(join(original, 'checkpoints'), join(bought, 'checkpoints'), { recursive: true })
    const fault = await faultOf(() => verifyFolder(bought))
    expect(fault).toMatchObject({ code: 'fork', index: 100 })
    expect(fault.message).toContain('the log signed two histories')
    const { code, stdout } = await sluiceVerify(bought)
    expect([code, stdout]).toEqual([1, expect.stringContaining('entry 100: the log signed two histories')])
  })

  test('RC-3: a shorter record under an older checkpoint is a rollback, and names where it ends', async () => {
    const shorter = fresh(entries.slice(0, 256), {})
    const fault = await faultOf(() => verifyFolder(shorter, { against: fresh() }))
    expect(fault).toMatchObject({ code: 'rollback', index: 256 })
    expect((await verifyFolder(fresh(), { against: shorter })).kept).toBe(4)
  })

  test('a checkpoint of a stranger, of another log, without quorum or under a wrong name is refused', async () => {
    const stranger = signer(ORIGIN, 0x77)
    const other = signer('log.example/other', 0x21)
    const cases: readonly (readonly [FolderOptions, string])[] = [
      [{ log: stranger }, 'no_known_key'],
      [{ log: other }, 'unknown_origin'],
      [{ witnesses: WITNESSES.slice(0, 1) }, 'quorum'],
      [{ witnesses: [WITNESSES[0]!, signer(WITNESSES[1]!.name, 0x78, 4)] }, 'quorum'],
    ]
    for (const [options, code] of cases)
      expect((await faultOf(() => verifyFolder(fresh(entries, options)))).code).toBe(code)
    const folder = fresh()
    renameSync(join(folder, 'checkpoints/100'), join(folder, 'checkpoints/101'))
    expect((await faultOf(() => verifyFolder(folder))).code).toBe('malformed')
    // Any one witness may suffice, where the policy says so; kept checkpoints may be without, and that is told.
    const any = fresh(entries, { witnesses: WITNESSES.slice(1), policy: POLICY.replace(' all ', ' any ') })
    put(any, 'checkpoints/0', note(checkpointBody(ORIGIN, 0, Buffer.alloc(32)), [LOG]))
    expect((await faultOf(() => verifyFolder(any))).code).toBe('root')
    rmSync(join(any, 'checkpoints'), { recursive: true })
    expect((await verifyFolder(any)).witnesses).toHaveLength(1)
  })

  test('a policy from elsewhere is used instead of the folder’s own', async () => {
    const folder = fresh()
    const mine = join(home, 'mine.policy')
    writeFileSync(mine, POLICY.replace(LOG.vkey, signer(ORIGIN, 0x66).vkey))
    expect((await faultOf(() => verifyFolder(folder, { policy: mine }))).code).toBe('no_known_key')
    writeFileSync(mine, POLICY)
    expect((await verifyFolder(folder, { policy: mine })).gaps).toEqual([])
    expect((await verifyFolder(folder)).gaps.join()).toContain('the policy came with the folder')
  })
})

describe('a record that was signed, and says what cannot be', () => {
  const text = (change: (json: string) => string) => Buffer.from(change(decision(1, 1000).toString()))
  const release = [shipped(0), move(1000, 'cyber-1', 'canary', 'enforcing')]
  const later = 3_600_000
  const bad: readonly (readonly [string, readonly Buffer[], string])[] = [
    ['white space', [text((json) => json.replace(',"k"', ', "k"'))], 'entry'],
    ['keys out of order', [text((json) => json.replace('"v":1,"k":"decision"', '"k":"decision","v":1'))], 'entry'],
    ['a key twice', [text((json) => json.replace('"mode"', '"action":"allow","mode"'))], 'parse'],
    ['no JSON', [Buffer.from('entry 0')], 'parse'],
    ['not UTF-8', [Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])], 'parse'],
    ['an unknown kind', [entry({ k: 'decree', ms: 0 })], 'entry'],
    ['a fraction', [entry({ k: 'price', ms: 0, d: { eur: 1.5 } })], 'entry'],
    ['a number beyond exactness', [entry({ k: 'price', ms: 0, d: { eur: 2 ** 53 } })], 'entry'],
    ['no microseconds', [text((json) => json.replace('.000Z', '.000001Z'))], 'entry'],
    ['a personal name', [text((json) => json.replace('system:gateway', 'Jane Doe'))], 'entry'],
    ['more than 4,096 bytes', [entry({ k: 'price', ms: 0, d: { text: 'x'.repeat(4096) } })], 'entry'],
    ['time going back by 5.001 s', [entry({ k: 'drill', ms: 5001 }), entry({ k: 'drill', ms: 0 })], 'entry'],
    ['an answer to nothing', [entry({ k: 'appeal', ms: 0, prev: [`sha256:${'0'.repeat(64)}`] })], 'entry'],
    ['a label of no release', [...release, decision(1, later, 'cyber-2')], 'safeguard'],
    [
      'a release in review',
      [...release, move(2000, 'cyber-2', 'evaluated', 'review'), decision(1, later, 'cyber-2')],
      'safeguard',
    ],
    [
      'a release before it served',
      [shipped(0), move(later, 'cyber-1', 'review', 'shadow'), decision(1, later - 6000)],
      'entry',
    ],
    [
      'a release after its rollback',
      [...release, move(2000, 'cyber-1', 'enforcing', 'rolled_back'), decision(1, later)],
      'safeguard',
    ],
    [
      'a superseded release',
      [
        ...release,
        move(2000, 'cyber-1', 'enforcing', 'superseded'),
        move(2000, 'cyber-2', 'canary', 'enforcing'),
        decision(1, later),
      ],
      'safeguard',
    ],
    ['service in a suspension', [availability(0, 'emergency'), decision(1, 6000, 'x', 'model-f')], 'suspension'],
    [
      'service under an order',
      [availability(0, 'legal_order'), availability(1, 'end_early'), decision(1, 6000, 'x', 'model-f')],
      'suspension',
    ],
  ]
  for (const [name, all, code] of bad)
    test(`refused: ${name}`, async () => {
      const fault = await faultOf(() => verifyFolder(fresh(all, {})))
      expect([fault.result, fault.code, fault.index]).toEqual(['tampered', code, all.length - 1])
    })

  const good: readonly (readonly [string, readonly Buffer[]])[] = [
    ['time going back by 5 s', [entry({ k: 'drill', ms: 5000 }), entry({ k: 'drill', ms: 0 })]],
    ['members of a later version, after the known ones', [text((json) => json.replace(/}$/, ',"w":1}'))]],
    ['a label with quotation marks and colons', [entry({ k: 'drill', ms: 0, d: { 'a": 1.5 ,"': '{"x": 1.5}' } })]],
    ['traffic before the first release of its slot', [decision(1, 0, 'unheard-of'), ...release]],
    [
      'a request that began before a rollback',
      [...release, move(10_000, 'cyber-1', 'enforcing', 'rolled_back'), decision(1, 500_000)],
    ],
    ['what shipped, at any time', [...release, decision(1, later, 'shipped')]],
    [
      'what was superseded, after a rollback',
      [
        ...release,
        move(2000, 'cyber-1', 'enforcing', 'superseded'),
        move(2000, 'cyber-2', 'canary', 'enforcing'),
        move(3000, 'cyber-2', 'enforcing', 'rolled_back'),
        decision(1, later),
      ],
    ],
    [
      'service after a suspension',
      [availability(0, 'emergency'), availability(9000, 'expire'), decision(1, 20_000, 'x', 'model-f')],
    ],
    ['a suspension of some', [availability(0, 'emergency', 'org:x'), decision(1, 20_000, 'x', 'model-f')]],
    ['another model', [availability(0, 'emergency'), decision(1, 20_000, 'x', 'model-a')]],
  ]
  for (const [name, all] of good)
    test(`accepted: ${name}`, async () => {
      expect((await verifyFolder(fresh(all, {}))).result).toBe('verified')
    })

  test('an instrument must be signed by the authority that it names, with the register at hand', async () => {
    const register = entry({ k: 'authority', ms: 0, h: hashName(REGISTER) })
    const told = (document: Buffer, documents: readonly Buffer[]) =>
      verifyFolder(
        fresh([register, entry({ k: 'instrument', ms: 1, h: hashName(document) })], {
          documents: [document, ...documents],
        }),
      )
    expect((await told(INSTRUMENT, [REGISTER])).instruments).toBe(1)
    for (const [by, authority] of [
      [signer('duty-safety', 0x32), 'duty-safety'],
      [DUTY, 'authority-2'],
    ] as const) {
      const fault = await faultOf(() => told(instrumentOf([by], authority), [REGISTER]))
      expect([fault.code, fault.index]).toEqual(['threshold', 1])
    }
    expect((await faultOf(() => told(Buffer.from('{}'), [REGISTER]))).code).toBe('decode')
    expect((await told(INSTRUMENT, [])).gaps.join()).toContain('no register at hand')
  })
})

test('the command: usage ends with 2, the result is JSON when asked', async () => {
  for (const args of [[], ['a', 'b'], ['--what'], ['folder', '--policy']])
    expect(await sluiceVerify(...args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('usage: sluice-verify'),
    })
  const folder = fresh()
  expect(JSON.parse((await sluiceVerify(folder, '--json')).stdout)).toMatchObject({ result: 'verified', size: SIZE })
  writeFileSync(join(folder, 'log.policy'), 'quorum nobody\n')
  expect((await sluiceVerify(folder)).code).toBe(2)
  expect(existsSync(join(folder, 'checkpoint'))).toBe(true)
})

/** Python with the package that the second verifier needs, or null: then its test does not run. */
const python = ['/usr/bin/python3', 'python3', 'python'].find(
  (one) => spawnSync(one, ['-c', 'import cryptography'], { timeout: 20_000 }).status === 0,
)

describe.skipIf(python === undefined)('the second verifier (skipped where Python with `cryptography` is not)', () => {
  const second = async (folder: string, ...args: readonly string[]) => {
    const { code, stdout } = await run(python!, ['examples/verify-record/verify_record.py', folder, '--json', ...args])
    return { code, ...(JSON.parse(stdout) as { result: string; index?: number | null; root?: string }) }
  }

  test('RC-4: says the same of the same folders', async () => {
    for (const size of [0, 1, 256, 257, SIZE]) {
      const folder = fresh(history(size), size === SIZE ? { kept: KEPT, documents: DOCUMENTS } : {})
      expect(await second(folder)).toMatchObject({ code: 0, root: (await verifyFolder(folder)).root })
    }
    const other = join(home, 'second.policy')
    writeFileSync(other, POLICY.replace(LOG.vkey, signer(ORIGIN, 0x66).vkey))
    expect((await second(fresh(), '--policy', other)).code).toBe(1)
    expect((await run(python!, ['examples/verify-record/verify_record.py'])).code).toBe(2)
    const folder = fresh()
    rmSync(join(folder, 'tile/0/000'))
    expect((await second(folder)).code).toBe(4)
    const lonely = fresh(entries, { witnesses: [] })
    expect(await second(lonely)).toMatchObject({ code: 1, index: null })
  })

  test('RC-3: finds what the first one finds, at the same index', async () => {
    const flips: readonly (readonly [string, number, number | null])[] = [
      ['tile/0/000', 32 * 7, 7],
      ['tile/1/000.p/1', 5, 0],
      ['tile/entries/000.p/100', frame(entries.slice(0, 42)).length + 40, 42],
      ['tile/entries/001.p/74', frame(entries.slice(256, 261)).length + 40, 261],
      ['checkpoint', 5, null],
      ['checkpoints/256', 40, null],
    ]
    for (const [path, at, index] of flips) {
      const folder = fresh()
      const bytes = readFileSync(join(folder, path))
      bytes[at]! ^= 1
      writeFileSync(join(folder, path), bytes)
      expect(await second(folder), path).toMatchObject({ code: 1, index })
      expect((await faultOf(() => verifyFolder(folder))).index, path).toBe(index)
    }
    const bought = fresh([...entries.slice(0, 150), decision(9999, 210_000), ...entries.slice(151)], {})
    cpSync(join(fresh(), 'checkpoints'), join(bought, 'checkpoints'), { recursive: true })
    expect(await second(bought)).toMatchObject({ code: 1, index: 100 })
  })
})
