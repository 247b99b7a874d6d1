import { aRecord, coalition, type Member, serveFolder } from '../test/parts/feeds.ts'

/**
 * First sync of many records and a small increment, over files and over HTTP on loopback: requests, bytes and time.
 * `node bench/feed.ts [--records 10000] [--increment 10]`
 */
const option = (name: string, otherwise: number) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
const records = option('records', 10_000)
const increment = option('increment', 10)

const open = await coalition('partner-a', 'partner-b', 'partner-c')
const [a, b, c] = open.members as [Member, Member, Member]
try {
  const many = (from: number, count: number) => Array.from({ length: count }, (_, i) => aRecord(from + i))
  say('publish', records, await timed(() => a.publish('clear', ...many(1, records))))
  await b.witness(a)
  const server = await serveFolder(a.feed)
  await b.pin(a, a.feed, ['clear'])
  await c.pin(a, server.url, ['clear'])
  const readers = [
    ['files', b],
    ['HTTP', c],
  ] as const
  for (const [how, reader] of readers) await measured(`first sync, ${how}`, records, reader)
  say('publish', increment, await timed(() => a.publish('clear', ...many(records + 1, increment))))
  await b.witness(a)
  for (const [how, reader] of readers) await measured(`increment, ${how}`, increment, reader)
  for (const [how, reader] of readers) await measured(`unchanged, ${how}`, 0, reader)
  await server.close()
} finally {
  open.remove()
}

async function measured(what: string, expected: number, reader: Member): Promise<void> {
  const before = reader.receipts.reduce((sum, { applied }) => sum + applied, 0)
  const [started, cpu] = [performance.now(), process.cpuUsage()]
  const { requests, bytes, levels } = await reader.sync(a)
  const ms = performance.now() - started
  const applied = reader.receipts.reduce((sum, one) => sum + one.applied, 0) - before
  if (applied !== expected || levels[0]!.quarantined.length > 0)
    throw new Error(`${what}: ${applied} of ${expected} records arrived`)
  process.stdout.write(
    `${what.padEnd(20)} ${String(applied).padStart(6)} records  ${String(requests).padStart(6)} requests  ${String(bytes).padStart(9)} bytes  ${(ms / 1000).toFixed(2)} s, ${cpuSeconds(cpu)} s of processor\n`,
  )
}

/** What a machine that is busy with other things does not stretch. */
function cpuSeconds(before: NodeJS.CpuUsage): string {
  const { user, system } = process.cpuUsage(before)
  return ((user + system) / 1e6).toFixed(2)
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await act()
  return performance.now() - started
}

function say(what: string, count: number, ms: number): void {
  process.stdout.write(`${what.padEnd(20)} ${String(count).padStart(6)} records  ${(ms / 1000).toFixed(2)} s\n`)
}
