import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { history } from './record/entries.ts'
import { EVALUATOR, NEXT_PUBLISHER, PUBLISHER, SENT, writeFeed } from './record/feed.ts'
import { inclusionProof, ORIGIN, POLICY, put, treeOf, writeFolder } from './record/folder.ts'
import { signer } from './record/notes.ts'
import { faultOf, run, says, sluiceVerify, verifier } from './record/verifier.ts'

let home: string
let count = 0
const place = () => join(home, `place-${count++}`)
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-verify-feed-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('a partner’s feed', () => {
  test('RX-10: a copied folder verifies offline with its pinned root alone', async () => {
    const [folder, copy] = [place(), place()]
    const { pin } = writeFeed(folder)
    cpSync(folder, copy, { recursive: true })
    rmSync(folder, { recursive: true })
    expect(await says.verifyFeed(copy, { root: pin })).toMatchObject({
      result: 'verified',
      origin: 'lab-a',
      objects: 4,
    })
    const { code, stdout } = await sluiceVerify(copy, '--root', pin)
    expect([code, stdout]).toEqual([0, expect.stringContaining('verified: lab-a')])
  })

  test('RX-5: signed by another role, an old or an unknown key, or of another level: the pointer’s index is named', async () => {
    const cases = [
      [{ ...SENT[0]!, by: EVALUATOR }, 0, 'threshold'],
      [{ ...SENT[2]!, by: PUBLISHER }, 2, 'threshold'],
      [{ ...SENT[3]!, by: PUBLISHER }, 3, 'threshold'],
      [{ ...SENT[1]!, by: NEXT_PUBLISHER }, 1, 'threshold'],
      [{ ...SENT[1]!, by: signer(PUBLISHER.name, 0x55) }, 1, 'threshold'],
      [{ ...SENT[0]!, tlp: 'RED' }, 0, 'object'],
    ] as const
    for (const [sent, index, code] of cases) {
      const folder = place()
      const { pin } = writeFeed(
        folder,
        SENT.map((one, i) => (i === index ? sent : one)),
      )
      expect(await faultOf(() => says.verifyFeed(folder, { root: pin }))).toMatchObject({
        code,
        index,
        result: 'tampered',
      })
    }
  })

  test('RX-6: another root, an altered object or tile is refused; a missing object is named', async () => {
    const folder = place()
    const { pin, paths } = writeFeed(folder)
    const check = (root = pin) => faultOf(() => says.verifyFeed(folder, { root }))
    expect(await check('0'.repeat(64))).toMatchObject({ code: 'untrusted' })
    expect(await check('short')).toMatchObject({ result: 'usage' })
    for (const path of [
      paths[2]!,
      'clear/tile/0/000.p/4',
      'clear/tile/entries/000.p/4',
      'clear/checkpoint',
      'root/2.root.json',
    ]) {
      const whole = readFileSync(join(folder, path))
      const changed = Buffer.from(whole)
      changed[whole.length >> 1]! ^= 1
      writeFileSync(join(folder, path), changed)
      expect((await check()).result, path).toBe('tampered')
      writeFileSync(join(folder, path), whole)
    }
    rmSync(join(folder, paths[1]!))
    expect(await says.verifyFeed(folder, { root: pin })).toMatchObject({ result: 'incomplete', objects: 3 })
    const alone = place()
    const half = writeFeed(alone, SENT, { rootSigners: [signer('registry.example/root', 0x41)] })
    expect(await faultOf(() => says.verifyFeed(alone, { root: half.pin }))).toMatchObject({ code: 'threshold' })
  })
})

describe('one proof', () => {
  const entries = history(300)
  /** A proof with the entry and the policy beside it, as somebody would send them. */
  function sent(index: number): string {
    const folder = place()
    const hashes = writeFolder(folder, treeOf(entries), {})
    const lines = inclusionProof(hashes, index).map((hash) => hash.toString('base64'))
    const head = ['c2sp.org/tlog-proof@v1', `extra ${Buffer.from('x').toString('base64')}`, `index ${index}`, ...lines]
    const file = join(folder, 'bundle.tlog-proof')
    writeFileSync(file, `${head.join('\n')}\n\n${readFileSync(join(folder, 'checkpoint'), 'utf8')}`)
    put(folder, 'bundle.entry', entries[index]!)
    return file
  }

  test('RC-3: says which entry of how many, by how many witnesses, and what it holds', async () => {
    const { code, stdout } = await sluiceVerify(sent(298))
    expect(code).toBe(0)
    expect(stdout).toContain('decision dec_298 is entry 298 of 300, 2 witnesses\n')
    expect(stdout).toContain('"action":"fall_back"')
    expect(stdout).toMatch(/seen by witness\.example\/w1 at 2027-01-15T08:00:00\.000Z/)
    for (const index of [0, 1, 254, 255, 256, 299])
      expect((await verifier.verifyProof(sent(index))).origin).toBe(ORIGIN)
  })

  test('RC-3: one changed byte of the entry, the proof or the checkpoint, or another policy: refused, the entry named', async () => {
    const file = sent(256)
    const beside = { '.entry': 40, '.tlog-proof': 70 } as const
    for (const [ending, at] of Object.entries(beside)) {
      const path = file.replace('.tlog-proof', ending)
      const whole = readFileSync(path)
      const changed = Buffer.from(whole)
      changed[at]! ^= 1
      writeFileSync(path, changed)
      const { code, stdout } = await sluiceVerify(file)
      expect([code, stdout]).toEqual([1, expect.stringMatching(/^tampered: /)])
      if (ending === '.entry') expect(stdout).toContain('entry 256: ')
      writeFileSync(path, whole)
    }
    const other = file.replace('.tlog-proof', '.policy')
    writeFileSync(
      other,
      POLICY.replace('quorum both', `witness w3 ${signer('witness.example/w3', 9, 4).vkey}\nquorum w3`),
    )
    expect((await faultOf(() => verifier.verifyProof(file))).code).toBe('quorum')
    rmSync(file.replace('.tlog-proof', '.entry'))
    expect((await sluiceVerify(file)).code).toBe(4)
  })

  test('runs where nothing of Sluice is, on any Node from 20 on', async () => {
    const [file, alone] = [sent(7), place()]
    put(alone, 'package.json', '{"type":"commonjs"}')
    copyFileSync('sluice-verify.mjs', join(alone, 'sluice-verify.mjs'))
    const others = ['/usr/bin/node', '/usr/local/bin/node'].filter((one) => existsSync(one))
    const versions = await Promise.all(others.map((one) => run(one, ['--version'])))
    const nodes = [process.execPath, ...others.filter((_, i) => /^v(2[0-9]|[3-9])/.test(versions[i]!.stdout))]
    for (const program of nodes) {
      const { code, stdout, stderr } = await run(program, ['sluice-verify.mjs', file], alone)
      expect([program, code, stderr]).toEqual([program, 0, ''])
      expect(stdout).toContain('is entry 7 of 300')
    }
  })

  test('`npx sluice-verify` runs it in a clone that has no packages yet', async () => {
    const [file, clone] = [sent(7), place()]
    mkdirSync(clone)
    for (const name of ['package.json', 'sluice-verify.mjs']) copyFileSync(name, join(clone, name))
    const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx'
    const { code, stdout } = await run(npx, ['--offline', 'sluice-verify', file], clone)
    expect([code, stdout]).toEqual([0, expect.stringContaining('is entry 7 of 300')])
    expect(existsSync(join(clone, 'node_modules'))).toBe(false)
  })
})
