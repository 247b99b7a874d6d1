import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ownKeys, rotateRoot } from '../src/cli/own-feed.ts'
import { allRecordViews, feedStatuses, resumeFeed, syncOne } from '../src/cli/partner-feeds.ts'
import { openSource } from '../src/io/exchange/feed-source.ts'
import { partnerFolder } from '../src/io/exchange/partner-folder.ts'
import {
  anAssessment,
  aRecord,
  type Coalition,
  coalition,
  copyOf,
  filesIn,
  LOW,
  type Member,
  member as memberAt,
  NOW,
  serveFolder,
} from './parts/feeds.ts'
import { append, fileOf, forged, pointing } from './parts/forged.ts'
import { sluice } from './parts/sluice.ts'
import { verifyCopy } from './parts/verify-feed.ts'

const HOUR = 3_600_000
let open: Coalition | null = null
afterEach(() => {
  open?.remove()
  open = null
})
async function pair(): Promise<readonly [Member, Member]> {
  open = await coalition('partner-a', 'partner-b')
  return open.members as readonly [Member, Member]
}

/** The same member with the same keys, in another folder: what it says there, it says twice. */
function twin(member: Member): Member {
  const data = copyOf(member.data, join(open!.folder, `twin-${member.name}`, 'data'))
  const feed = copyOf(member.feed, join(open!.folder, `twin-${member.name}`, 'feed'))
  writeFileSync(join(ownKeys(data), 'own.json'), JSON.stringify({ folder: feed, name: member.name }))
  return memberAt(member.name, data, feed)
}

const clearOf = async (reader: Member, writer: Member, nowMs = NOW) => (await reader.sync(writer, nowMs)).levels[0]!
const recordText = (number: number, more: object = {}) =>
  JSON.stringify({ ...aRecord(number, { tlp: 'CLEAR', ...more }).object })

test('exchange: what one publishes, the others have, over files and over HTTP; again nothing changes', async () => {
  open = await coalition('partner-a', 'partner-b', 'partner-c')
  const [a, b, c] = open.members as [Member, Member, Member]
  await a.publish('clear', aRecord(1), aRecord(2))
  await b.witness(a)
  const first = await b.sync(a)
  expect(
    first.levels.map(({ level, kind, reason, size, applied, fresh }) => [level, kind, reason, size, applied, fresh]),
  ).toEqual([
    ['clear', 'synced', null, 2, 2, true],
    ['green', 'synced', null, 0, 0, true],
    ['amber', 'synced', null, 0, 0, true],
    ['red', 'synced', null, 0, 0, true],
  ])
  const server = await serveFolder(a.feed)
  try {
    await c.pin(a, server.url)
    await c.sync(a)
    server.asked()
    expect((await c.sync(a)).levels.map(({ kind }) => kind)).toEqual(Array(4).fill('unchanged'))
    expect([...server.asked()].sort()).toEqual(['amber', 'clear', 'green', 'red'].map((level) => `${level}/checkpoint`))
  } finally {
    await server.close()
  }
  const shown = async (member: Member) =>
    (await allRecordViews(member.data)).map(({ publisher, record, cells }) => [publisher, record.id, cells[0]!.tenths])
  expect(await shown(b)).toEqual([
    ['partner-a', 'JRX-2026-000001', 13],
    ['partner-a', 'JRX-2026-000002', 13],
  ])
  expect(await shown(c)).toEqual(await shown(b))
  expect((await b.sync(a)).requests).toBe(4)
  expect(b.receipts.filter(({ level }) => level === 'clear')).toMatchObject([{ fromSize: 0, size: 2, applied: 2 }])
})

test('RX-5: tampered payload, type, signature, unknown key, foreign id, wrong level, wrong score: each set aside, the rest applied', async () => {
  const [a, b] = await pair()
  const good = forged(a, 'record', recordText(1))
  const envelope = JSON.parse(Buffer.from(good.file).toString()) as { payload: string; signatures: { sig: string }[] }
  const spoiled = (more: object, number: number) =>
    pointing(Buffer.from(JSON.stringify({ ...envelope, ...more })), 'record', recordText(number))
  const other = Buffer.from(recordText(2)).toString('base64')
  const sig = Buffer.from(envelope.signatures[0]!.sig, 'base64')
  sig[5]! ^= 1
  const cases: readonly (readonly [reason: string, ReturnType<typeof forged>])[] = [
    ['threshold', spoiled({ payload: other }, 2)],
    ['threshold', spoiled({ payloadType: 'application/vnd.sluice.statement+json;v=1' }, 3)],
    ['threshold', spoiled({ signatures: [{ sig: sig.toString('base64') }] }, 4)],
    ['threshold', forged(a, 'record', recordText(5), { keys: ['evaluator'] })],
    ['threshold', forged(b, 'record', recordText(6))],
    ['payload_type', forged(a, 'record', recordText(7), { kind: 'panel' })],
    ['decode', spoiled({ signatures: undefined }, 8)],
    ['parse', forged(a, 'record', recordText(9).replace('{', '{"id":"JRX-2026-000009",'))],
    ['schema', forged(a, 'record', recordText(10, { summary: { en: 'x'.repeat(201), ja: '要約' } }))],
    ['score', forged(a, 'record', recordText(11, { assessments: [anAssessment('partner-a', { score: 9.9 })] }))],
    ['score', forged(a, 'record', recordText(12, { assessments: [anAssessment('partner-a', { band: 'Medium' })] }))],
    ['score', forged(a, 'record', recordText(13, { assessments: [anAssessment('partner-a', { interval: [0, 2] })] }))],
    [
      'vector',
      forged(a, 'record', recordText(14, { assessments: [anAssessment('partner-a', { vector: 'JSS:1.0/UP:L' })] })),
    ],
    ['tlp', forged(a, 'record', recordText(15, { tlp: 'AMBER' }))],
    ['foreign', forged(a, 'record', recordText(16, { publisher: 'partner-b' }))],
    ['foreign', forged(a, 'record', recordText(17, { assessments: [anAssessment('partner-b')] }))],
    ['id', forged(a, 'record', recordText(18), { pointer: { id: 'JRX-2026-000019' } })],
    ['future', forged(a, 'record', recordText(20, { modified: '2026-06-20T12:06:00Z' }))],
    ['length', forged(a, 'record', recordText(21), { pointer: { len: 7000 } })],
    ['too_large', forged(a, 'record', recordText(22), { pointer: { len: 1_048_577 } })],
    [
      'artefact',
      forged(a, 'record', recordText(23, { artefacts: [{ kind: 'cases', sha256: 'c0'.repeat(32), access: 'feed' }] })),
    ],
    ['legitimate_use', forged(a, 'record', recordText(24, { legitimate_use: { share: 'R', note: 'none' } }))],
  ]
  await append(a, 'clear', good, ...cases.map(([, one]) => one), forged(a, 'record', recordText(99)))
  await b.witness(a)
  const clear = await clearOf(b, a)
  expect(clear.quarantined.map(({ reason, pointer }) => [reason, pointer?.id])).toEqual(
    cases.map(([reason, { pointer }]) => [reason, pointer.id]),
  )
  expect((await allRecordViews(b.data)).map(({ record }) => record.id)).toEqual(['JRX-2026-000001', 'JRX-2026-000099'])
  // Nothing of a summary or vector is in what is said about it.
  for (const { detail } of clear.quarantined) expect(detail).not.toMatch(/fix code|JSS:1\.0\/UP/)
})

test('RX-5: one key that signs twice is one key', async () => {
  const [a, b] = await pair()
  const chain = (await b.pin(a)).store
  // Two of three root keys make a root; the first one twice does not.
  const rootFile = JSON.parse(readFileSync(join(a.feed, 'root/1.root.json'), 'utf8')) as { signatures: object[] }
  const once = { ...rootFile, signatures: [rootFile.signatures[0], rootFile.signatures[0]] }
  writeFileSync(join(a.feed, 'root/2.root.json'), JSON.stringify(once))
  await b.witness(a).catch(() => undefined)
  expect((await clearOf(b, a)).kind).toBe('untrusted')
  expect(await chain.state('clear')).toBe(null)
  expect(b.alarms[0]).toMatchObject({ code: 'untrusted', detail: 'root/2.root.json: threshold_before' })
})

test('RX-6: a fork stops the feed, keeps both signed checkpoints, and only a person resumes it', async () => {
  const [a, b] = await pair()
  await a.publish('clear', aRecord(1))
  const other = twin(a)
  await a.publish('clear', aRecord(2), aRecord(3))
  await other.publish('clear', aRecord(4), aRecord(5), aRecord(6))
  await b.witness(a)
  await clearOf(b, a)
  // Another history of the same log: larger, signed, and cosigned by a witness that does not remember.
  rmSync(join(b.data, 'feeds', 'witness'), { recursive: true })
  await b.witness(other)
  const known = await b.pin(a, other.feed)
  const before = readFileSync(join(known.store.mirror, 'clear/checkpoint'), 'utf8')
  expect((await clearOf(b, a)).kind).toBe('stopped')
  const { stopped, size } = (await known.store.state('clear'))!
  expect([stopped?.reason, size]).toEqual(['fork', 3])
  const kept = stopped!.evidence.map((name) => readFileSync(join(known.folder, 'evidence', name), 'utf8'))
  expect(kept).toEqual([before, readFileSync(join(other.feed, 'clear/checkpoint'), 'utf8')])
  expect(b.alarms.some(({ code }) => code === 'fork')).toBe(true)
  // Also at the same size.
  expect((await clearOf(b, a)).reason).toBe('fork')
  await b.pin(a)
  expect((await clearOf(b, a)).kind).toBe('stopped')
  expect((await feedStatuses(b.data, NOW))[0]).toMatchObject({ fresh: false })
  expect(await resumeFeed(known, 'clear', 'looked at both checkpoints', b.record)).toBe(true)
  expect((await clearOf(b, a)).kind).toBe('unchanged')
})

test('RX-6: same size and another root is a fork; a smaller size is a rollback', async () => {
  const [a, b] = await pair()
  await a.publish('clear', aRecord(1))
  await b.witness(a)
  const early = copyOf(a.feed, join(open!.folder, 'early'))
  const other = twin(a)
  await a.publish('clear', aRecord(2))
  await other.publish('clear', aRecord(3))
  await b.witness(a)
  await clearOf(b, a)
  rmSync(join(b.data, 'feeds', 'witness'), { recursive: true })
  await b.witness(other)
  const known = await b.pin(a, other.feed)
  expect((await clearOf(b, a)).reason).toBe('fork')
  await resumeFeed(known, 'clear', 'back to the known one', b.record)
  await b.pin(a, early)
  expect((await clearOf(b, a)).reason).toBe('rollback')
  expect((await known.store.state('clear'))!.size).toBe(2)
})

test('RX-6: a witness signs neither a fork nor a rollback', async () => {
  const [a, b] = await pair()
  await a.publish('clear', aRecord(1))
  const other = twin(a)
  await a.publish('clear', aRecord(2))
  await other.publish('clear', aRecord(3))
  await b.witness(a)
  await expect(b.witness(other)).rejects.toMatchObject({ code: 'inconsistent' })
})

test('RX-6: truncated tile, spoiled bundle, missing tile, missing cosignature: the old state stays', async () => {
  const [a, b] = await pair()
  await a.publish('clear', aRecord(1))
  await b.witness(a)
  await clearOf(b, a)
  const before = await (await b.pin(a)).store.state('clear')
  await a.publish('clear', aRecord(2), aRecord(3))
  const unwitnessed = await clearOf(b, a)
  expect([unwitnessed.kind, unwitnessed.reason, unwitnessed.size]).toEqual(['refused', 'checkpoint: quorum', 1])
  await b.witness(a)
  const spoil = async (path: string, change: (bytes: Uint8Array) => Uint8Array | null) => {
    const folder = copyOf(a.feed, join(open!.folder, 'spoiled'))
    const bytes = change(fileOf(a, path))
    if (bytes === null) rmSync(join(folder, path))
    else writeFileSync(join(folder, path), bytes)
    await b.pin(a, folder)
    const { kind, reason, size } = await clearOf(b, a)
    expect((await (await b.pin(a)).store.state('clear'))!).toEqual(before)
    return [kind, size, reason]
  }
  const flip = (at: number) => (bytes: Uint8Array) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
  expect(await spoil('clear/tile/0/000.p/3', (bytes) => bytes.slice(0, 64))).toEqual([
    'refused',
    1,
    '`clear/tile/0/000.p/3`: wanted 3 hashes',
  ])
  expect(await spoil('clear/tile/0/000.p/3', flip(70))).toMatchObject([
    'refused',
    1,
    expect.stringContaining('do not give the root'),
  ])
  expect(await spoil('clear/tile/0/000.p/3', () => null)).toMatchObject([
    'refused',
    1,
    expect.stringContaining('is missing'),
  ])
  expect(await spoil('clear/tile/entries/000.p/3', flip(30))).toMatchObject([
    'refused',
    1,
    expect.stringContaining('is not the one of its tile'),
  ])
  expect(await spoil('clear/tile/entries/000.p/3', (bytes) => bytes.slice(0, -1))).toMatchObject([
    'refused',
    1,
    expect.stringContaining('its last entry is cut'),
  ])
  expect(await spoil('clear/checkpoint', flip(40))).toMatchObject([
    'refused',
    1,
    expect.stringMatching(/^checkpoint: /),
  ])
  expect((await clearOf(b, a)).kind).toBe('synced')
})

test('RX-6, RX-8: freeze: an old checkpoint makes the feed stale, what is known is kept; an object that is not there is pending', async () => {
  const [a, b] = await pair()
  await a.publish('clear', aRecord(1))
  await b.witness(a)
  const [hash] = await a.publish('clear', aRecord(2))
  await b.witness(a)
  const path = join(a.feed, 'clear/objects', hash!.slice(0, 2), `${hash}.json`)
  const bytes = readFileSync(path)
  rmSync(path)
  const first = await clearOf(b, a)
  expect([first.applied, first.pending, first.fresh]).toEqual([1, 1, true])
  writeFileSync(path, bytes)
  const later = await clearOf(b, a, NOW + 25 * HOUR)
  expect([later.applied, later.pending, later.fresh]).toEqual([2, 0, false])
  expect(b.alarms.at(-1)).toMatchObject({ code: 'stale' })
  expect((await feedStatuses(b.data, NOW + 24 * HOUR)).map(({ fresh }) => fresh)).toEqual([true, true, true, true])
  expect((await feedStatuses(b.data, NOW + 24 * HOUR + 1)).map(({ fresh }) => fresh)).toEqual([
    false,
    false,
    false,
    false,
  ])
  // A cosignature from the future is refused.
  await a.publish('clear', aRecord(3))
  await b.witness(a, NOW + HOUR)
  expect((await clearOf(b, a)).reason).toMatch('5 minutes ahead')
})

test('RX-7: an embargoed record and a pointer to what is confidential are set aside, and not published in the first place', async () => {
  const [a, b] = await pair()
  const disclosure = { ...(aRecord(1).object.disclosure as object), embargo_until: '2026-09-10T08:00:00Z' }
  await expect(a.publish('clear', aRecord(1, { disclosure }))).rejects.toMatchObject({ code: 'object' })
  const [hash] = await a.publish('red', aRecord(7))
  const about = { publisher: 'partner-a', id: 'JRX-2026-000007', sha256: hash }
  const statement = {
    id: 'STM-2026-000001',
    kind: 'withdrawal_request',
    about,
    by: 'partner-a',
    at: '2026-06-14T00:00:00Z',
    reason: { en: 'x', ja: 'x' },
  }
  await expect(a.publish('clear', { type: 'statement', object: statement })).rejects.toMatchObject({ code: 'object' })
  await append(
    a,
    'clear',
    forged(a, 'record', recordText(1, { disclosure })),
    forged(a, 'statement', JSON.stringify(statement)),
    forged(a, 'record', recordText(2, { related: [{ type: 'jrx', id: 'partner-a/JRX-2026-000007' }] })),
  )
  await b.witness(a)
  await b.pin(a, a.feed, ['red', 'clear'])
  const levels = (await b.sync(a)).levels
  expect(levels.map(({ level, applied }) => [level, applied])).toEqual([
    ['red', 1],
    ['clear', 0],
  ])
  const again = await b.sync(a)
  expect(again.levels[1]!.quarantined.map(({ reason }) => reason)).toEqual([
    'embargoed',
    'confidential',
    'confidential',
  ])
})

test('RX-7: that there is a RED entry shows nowhere else: every other file is the same, byte for byte', async () => {
  const [a, b] = await pair()
  const without = twin(a)
  await a.publish('red', aRecord(7))
  for (const one of [a, without]) await one.publish('clear', aRecord(1))
  for (const one of [a, without]) {
    rmSync(join(b.data, 'feeds', 'witness'), { recursive: true, force: true })
    await b.witness(one)
  }
  const notRed = (path: string) => path === 'red' || path.startsWith('red/')
  expect(filesIn(a.feed, notRed)).toEqual(filesIn(without.feed, notRed))
  expect(filesIn(a.feed).size).toBeGreaterThan(filesIn(without.feed).size)
  // Whoever reads only the open levels asks for nothing at RED.
  const server = await serveFolder(a.feed)
  await b.pin(a, server.url, ['clear', 'green'])
  await b.sync(a)
  expect(server.asked().filter((path) => path.includes('red'))).toEqual([])
  await server.close()
})

test('RX-8: withdrawn reaches every partner in one sync; two parties two levels apart make it disputed, without a number', async () => {
  open = await coalition('partner-a', 'partner-b', 'partner-c')
  const [a, b, c] = open.members as [Member, Member, Member]
  const low = { vector: LOW.replace('UP:L', 'UP:N'), score: 0, interval: [0, 1.4], band: 'Info' }
  const [hash] = await a.publish(
    'clear',
    aRecord(1, { assessments: [anAssessment('partner-a', low)], severity: [] }),
    aRecord(2),
  )
  await b.witness(a)
  for (const one of [b, c]) await one.sync(a)
  const shown = async (member: Member) =>
    (await allRecordViews(member.data)).map(({ record, disputed, withdrawn, cells }) => [
      record.id,
      disputed,
      withdrawn,
      cells.map(({ tenths }) => tenths),
    ])
  expect(await shown(c)).toEqual([
    ['JRX-2026-000001', false, false, [0]],
    ['JRX-2026-000002', false, false, [13]],
  ])
  const medium = { vector: LOW.replace('UP:L', 'UP:M'), score: 2.7, interval: [0, 2.8], band: 'Low' }
  await b.publish('clear', {
    type: 'statement',
    object: {
      kind: 'assessment',
      about: { publisher: 'partner-a', id: 'JRX-2026-000001', sha256: hash },
      at: '2026-06-15T00:00:00Z',
      assessment: anAssessment('partner-b', { ...medium, at: '2026-06-15T00:00:00Z' }),
    },
  })
  await a.publish(
    'clear',
    aRecord(2, {
      modified: '2026-06-16T00:00:00Z',
      withdrawn: { at: '2026-06-16T00:00:00Z', reason: 'measured wrongly' },
    }),
  )
  await c.witness(a)
  await c.witness(b)
  for (const one of [a, b]) await c.sync(one)
  await b.sync(a)
  expect(await shown(c)).toEqual([
    ['JRX-2026-000001', true, false, [null]],
    ['JRX-2026-000002', false, true, [13]],
  ])
  expect(await shown(b)).toEqual(await shown(c))
  // Every party's own vector stays.
  const [view] = await allRecordViews(c.data)
  expect(view!.cells[0]!.counting.map(({ party, vector }) => [party, vector.UP])).toEqual([
    ['partner-a', 'N'],
    ['partner-b', 'M'],
  ])
})

test('exchange: a rotated root is followed one by one; old keys count up to the rotation, and not after', async () => {
  const [a, b] = await pair()
  await a.publish('clear', aRecord(1))
  await b.witness(a)
  await clearOf(b, a)
  const stolen = (number: number) => forged(a, 'record', recordText(number))
  const early = stolen(2)
  await append(a, 'clear', early)
  await rotateRoot(a.data, { replace: ['evaluator'], witnesses: null, quorum: 1 }, NOW)
  await rotateRoot(a.data, { replace: ['publisher', 'root'], witnesses: null, quorum: 1 }, NOW)
  await a.publish('clear', aRecord(3))
  await append(a, 'clear', stolen(4))
  await b.witness(a)
  const clear = await clearOf(b, a)
  expect([clear.kind, clear.applied, clear.quarantined.map(({ reason, pointer }) => [reason, pointer?.id])]).toEqual([
    'synced',
    3,
    [['threshold', 'JRX-2026-000004']],
  ])
  // A chain with a version missing is not followed.
  const folder = copyOf(a.feed, join(open!.folder, 'skipped'))
  cpSync(join(folder, 'root/3.root.json'), join(folder, 'root/2.root.json'))
  const c = { ...(await b.pin(a, folder)), store: partnerFolder(join(open!.folder, 'fresh')) }
  const run = await syncOne(b.data, c, () => NOW, b.record)
  expect(run.levels[0]).toMatchObject({ kind: 'untrusted', reason: 'root/2.root.json: version' })
})

test('exchange: an expired root makes every feed stale, and nothing new is taken', async () => {
  const [a, b] = await pair()
  await a.publish('clear', aRecord(1))
  await b.witness(a)
  await clearOf(b, a)
  const late = NOW + 366 * 24 * HOUR
  await a.publish('clear', aRecord(2))
  await b.witness(a, late)
  const clear = await clearOf(b, a, late)
  expect([clear.kind, clear.reason, clear.applied, clear.fresh]).toEqual([
    'refused',
    'the trust root has expired',
    1,
    false,
  ])
})

test('exchange: another root than the pinned one, or a provider of another name, is not trusted', async () => {
  const [a, b] = await pair()
  const other = await coalition('partner-a')
  const known = await b.pin(a, other.members[0]!.feed)
  expect((await clearOf(b, a)).reason).toBe('root/1.root.json: pin')
  const renamed = { ...known, partner: { ...known.partner, name: 'partner-x', source: a.feed } }
  const run = await syncOne(b.data, renamed, () => NOW, b.record)
  expect(run.levels[0]!.reason).toBe('.well-known/sluice/provider.json: provider_name')
  other.remove()
})

test('exchange: stopped between any two writes, a sync goes on, and ends as if it had not been stopped', async () => {
  const [a, b] = await pair()
  await a.publish('clear', ...Array.from({ length: 5 }, (_, i) => aRecord(i + 1)))
  await append(a, 'clear', forged(a, 'record', recordText(90, { tlp: 'RED' })))
  await b.witness(a)
  const known = await b.pin(a, a.feed, ['clear'])
  const straight = partnerFolder(join(open!.folder, 'straight'))
  await syncOne(b.data, { ...known, store: straight }, () => NOW, b.record)
  const wanted = filesIn(join(open!.folder, 'straight'))
  let writes = 0
  for (let stopAt = 0; ; stopAt++) {
    const folder = join(open!.folder, `stopped-${stopAt}`)
    const store = partnerFolder(folder)
    let left = stopAt
    const counting =
      <T extends unknown[]>(act: (...of: T) => Promise<void>) =>
      async (...of: T) => {
        if (left-- === 0) throw new Error('stopped here')
        await act(...of)
      }
    const seen: number[] = []
    const record = {
      receipt: counting(async ({ size }: { size: number }) => void (seen.includes(size) || seen.push(size))),
      alarm: async () => undefined,
    }
    const stopping = {
      ...store,
      write: counting(store.write),
      saveState: counting(store.saveState),
      keepEvidence: counting(store.keepEvidence),
    }
    const run = await syncOne(b.data, { ...known, store: stopping }, () => NOW, record).catch(
      (error: Error) => error.message,
    )
    if (run !== 'stopped here') {
      writes = stopAt
      break
    }
    left = Number.POSITIVE_INFINITY
    await syncOne(b.data, { ...known, store }, () => NOW, record)
    expect([stopAt, seen, filesIn(folder)]).toEqual([stopAt, [6], wanted])
    rmSync(folder, { recursive: true })
  }
  // Root, provider, tile and bundle, checkpoint, objects, states and receipt.
  expect(writes).toBeGreaterThan(10)
})

test('exchange: an address that is not ours to read, and an answer larger than was asked for', async () => {
  expect(() => openSource('http://feeds.example/a')).toThrow('wanted a folder')
  expect(() => openSource('ftp://feeds.example/a')).toThrow('wanted a folder')
  expect(() => openSource('https://user:secret@feeds.example/a')).toThrow('give a token instead')
  const [a] = await pair()
  await a.publish('clear', aRecord(1))
  const server = await serveFolder(a.feed)
  const source = openSource(server.url)
  await expect(source.read('clear/checkpoint', 10)).rejects.toMatchObject({ code: 'too_large' })
  await expect(source.read('../data/feeds/own/publisher.key', 1000)).rejects.toMatchObject({ code: 'refused' })
  expect(await source.read('clear/nothing', 10)).toBe(null)
  await source.close()
  await server.close()
})

test('RX-10: bytes fetched are those of new bundles, tiles, objects and checkpoints; a byte copy verifies offline', async () => {
  const [a, b] = await pair()
  const many = (from: number, count: number) => Array.from({ length: count }, (_, i) => aRecord(from + i))
  const size = (path: string) => fileOf(a, path).length
  const objects = (hashes: readonly string[]) =>
    hashes.reduce((sum, hash) => sum + size(`clear/objects/${hash.slice(0, 2)}/${hash}.json`), 0)
  const fixed = () => size('clear/checkpoint') + size('.well-known/sluice/provider.json')
  const known = await b.pin(a, a.feed, ['clear'])
  const first = await a.publish('clear', ...many(1, 300))
  await b.witness(a)
  // Witnessing walked the root; a reader that does not know it fetches it once.
  const run = await b.sync(a)
  const tiles = ['000', '001.p/44'].flatMap((name) => [`clear/tile/0/${name}`, `clear/tile/entries/${name}`])
  expect(run.bytes).toBeLessThanOrEqual(objects(first) + fixed() + tiles.reduce((sum, path) => sum + size(path), 0))
  const more = await a.publish('clear', ...many(301, 10))
  await b.witness(a)
  const next = await b.sync(a)
  const grown = ['clear/tile/0/001.p/54', 'clear/tile/entries/001.p/54'].reduce((sum, path) => sum + size(path), 0)
  expect(next.bytes).toBeLessThanOrEqual(objects(more) + fixed() + grown)
  expect(next.levels[0]).toMatchObject({ kind: 'synced', applied: 310 })
  // Checkpoint, next root that is not there, provider, tile, bundle, ten objects.
  expect(next.requests).toBe(15)
  const copy = copyOf(known.store.mirror, join(open!.folder, 'stick'))
  expect(verifyCopy(copy, 'clear', known.partner.root)).toBe(310)
  const hash = more[3]!
  const path = join(copy, 'clear/objects', hash.slice(0, 2), `${hash}.json`)
  const bytes = readFileSync(path)
  bytes[40]! ^= 1
  writeFileSync(path, bytes)
  expect(() => verifyCopy(copy, 'clear', known.partner.root)).toThrow('another file')
})

test('exchange: whoever sees a fork tells the others, with both signed checkpoints; they see it at the feed', async () => {
  open = await coalition('partner-a', 'partner-b', 'partner-c')
  const [a, b, c] = open.members as [Member, Member, Member]
  await a.publish('clear', aRecord(1))
  const other = twin(a)
  await a.publish('clear', aRecord(2))
  await other.publish('clear', aRecord(3))
  await b.witness(a)
  await c.witness(other)
  await b.sync(a)
  await b.pin(a, other.feed)
  const told = async () => {
    const done = await sluice(['feed', 'sync', 'partner-a', '--dispute'], { SLUICE_DATA: b.data, SLUICE_CONFIG: '' })
    return [done.code, done.stderr]
  }
  expect(await told()).toEqual([1, ''])
  expect(await told()).toEqual([1, ''])
  await a.witness(b, Date.now())
  await c.sync(a)
  await c.sync(b, Date.now())
  const [feed] = await feedStatuses(c.data, NOW)
  expect([feed?.partner, feed?.level, feed?.disputedBy]).toEqual(['partner-a', 'clear', ['partner-b']])
})
