import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Child, startChild } from './parts/children.ts'
import { conversation } from './parts/conversation.ts'
import { type Candidate, measure, type Row } from './parts/measure.ts'
import { pageOf } from './parts/page.ts'
import { PEER, peerHeaders, startPeer } from './parts/peer.ts'
import { barLines, barsOf, type Extras, extraLines, tableOf } from './parts/report.ts'
import { SCENARIOS } from './parts/scenarios.ts'
import { ANSWER, type Shape, wires } from './parts/shapes.ts'
import { slowReaders } from './parts/slow-readers.ts'
import { type SluiceChild, startSluice, upstreamsAt } from './parts/sluice.ts'

/**
 * What Sluice costs beside the upstream itself, the least a parsing gateway can cost and, if asked for, a gateway of
 * others, in one run on one machine: same upstream, same requests, rounds interleaved. Ratios are what to read. Bars are
 * reported, not asserted: the exit code says only that it ran.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '6000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', multiple: true, default: [] },
    shape: { type: 'string', default: 'messages' },
    write: { type: 'string' },
    ...{ peer: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  },
})
const EXTRAS = ['conversation', 'readers']
const names = [...SCENARIOS.map(({ name }) => name), ...EXTRAS]
if (values.help === true || !isShape(values.shape) || values.only.some((name) => !names.includes(name))) {
  process.stderr.write(
    `usage: npm run bench -- [--only ${names.join('|')}]… [--peer] [--shape messages|chat] [--json]\n` +
      '  --requests N   of the scenario `whole`, over all rounds; the others take a share of it (6000)\n' +
      '  --rounds N     (5)   --seconds N  longest time of one candidate in one round (4)\n' +
      '  --write FILE   the report as a page, e.g. docs/performance.md\n' +
      '  --peer         installs another gateway into a temporary folder and measures it too\n',
  )
  process.exit(values.help === true ? 0 : 2)
}
const shape = values.shape
const limits = {
  ...{ requests: Number(values.requests), rounds: Number(values.rounds), seconds: Number(values.seconds) },
}
const isWanted = (name: string) => values.only.length === 0 || values.only.includes(name)
const wanted = SCENARIOS.filter(({ name }) => isWanted(name))

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
const started: Child[] = []
try {
  const keep = async <C extends Child>(starting: Promise<C>): Promise<C> => {
    const child = await starting
    started.push(child)
    return child
  }
  const port = /^(\d+)$/
  const upstream = await keep(startChild('bench/parts/upstream.ts', [], {}, port))
  const proxy = await keep(startChild('bench/parts/parsing-proxy.ts', [upstream.found], {}, port))
  const sluice = (mode: 'enforce' | 'off') => keep(startSluice(folder, mode, { ...upstreamsAt(upstream.found), mode }))
  const [on, off] = [await sluice('enforce'), await sluice('off')]
  const { headers } = wires[shape]
  const candidates: Candidate[] = [
    { name: 'direct', port: Number(upstream.found), headers, child: null },
    { name: 'parsing proxy', port: Number(proxy.found), headers, child: proxy },
    { name: 'sluice off', port: off.port, headers, child: off },
    { name: 'sluice on', port: on.port, headers, child: on },
  ]
  let noPeer = values.peer === true ? null : 'not asked for'
  if (values.peer === true)
    try {
      const child = await keep(startPeer(folder))
      const extra = peerHeaders(upstream.found, shape === 'chat' ? 'openai' : 'anthropic')
      candidates.push({ name: 'peer', port: Number(child.found), headers: { ...headers, ...extra }, child })
    } catch (error) {
      noPeer = (error as Error).message
    }

  const rows: Row[] = []
  let page = ''
  const print = (text: string) => {
    page += text
    if (values.json !== true) process.stdout.write(text)
  }
  print(
    `Node ${process.version}, ${availableParallelism()} cores, ${shape}; medians of ${limits.rounds} interleaved rounds; ` +
      `no two requests alike\npeer: ${noPeer === null ? PEER : `none (${noPeer})`}\n`,
  )
  for (const scenario of wanted) {
    const taking = candidates.filter(({ name }) => scenario.candidates.includes(name))
    const done = await measure(scenario, taking, shape, limits)
    rows.push(...done)
    const sample = wires[shape].request([{ role: 'user', content: 'x'.repeat(scenario.promptChars) }], scenario.stream)
    print(tableOf(scenario, sample.length, done))
  }
  const acted = await notAllowed(on)
  const extras: Extras = {
    conversation: isWanted('conversation') && shape === 'messages' ? await conversation(on, ANSWER) : null,
    slowReaders: isWanted('readers') ? await slowReaders(on) : null,
  }
  print(extraLines(extras))
  const bars = barsOf(rows, extras)
  if (values.write !== undefined) writeFileSync(values.write, pageOf(page, bars, process.argv.slice(2)))
  print(`\n${barLines(bars)}`)
  if (acted !== null) print(`decisions other than allow, of a prompt that is ordinary work: ${acted}\n`)
  if (values.json === true) {
    const run = { node: process.version, cores: availableParallelism(), shape, ...limits }
    const peer = noPeer === null ? { name: PEER } : { absent: noPeer }
    process.stdout.write(`${JSON.stringify({ run, peer, rows, ...extras, bars, decisionsOtherThanAllow: acted })}\n`)
  }
} finally {
  await Promise.all(started.map((child) => child.stop()))
  rmSync(folder, { recursive: true, force: true })
}

/** A figure for requests that were refused would say nothing about those that are answered. */
function notAllowed(child: SluiceChild): Promise<number | null> {
  return child.metric('sluice_decisions_total', 'action="allow"')
}

function isShape(word: string): word is Shape {
  return word in wires
}
