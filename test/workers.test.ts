import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DecisionPage } from '../src/admin/contract.ts'
import { type Configured, startConfigured } from './parts/configured.ts'
import { json, MESSAGE, type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'
import { eventually } from './parts/running.ts'

/** Several processes that answer on one port, with one store. */
let upstream: RecordingUpstream
let sluice: Configured
const yaml = (rules: string) => `upstreams: {anthropic: '${upstream.url}', first_byte_timeout_s: 20}\n${rules}`
const RULE = 'rules: [{name: t.refuse, stage: input, action: refuse, category: bio, phrases: [refuseword]}]\n'
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  upstream.answer = (_, response) => json(response, 200, MESSAGE)
  sluice = await startConfigured(yaml(RULE), { args: ['--workers', '2'] })
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})

/** Receipts that each process has written, by its id, as far as they are not removed yet. */
function spools(): ReadonlyMap<number, readonly string[]> {
  const folder = join(sluice.folder, 'spool')
  const found = new Map<number, string[]>()
  for (const name of readdirSync(folder)) {
    const pid = /^receipts-\w+-(\d+)-/.exec(name)?.[1]
    if (pid === undefined) continue
    const ids = readFileSync(join(folder, name), 'utf8').matchAll(/^\{"v":1,"id":"(dec_\w+)".*\}$/gm)
    found.set(Number(pid), [...(found.get(Number(pid)) ?? []), ...[...ids].map(([, id]) => id!)])
  }
  return found
}

interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}
/** On a connection of its own: connections are what the processes share out. */
function ask(content = 'Please fix this code'): Promise<Answered> {
  const { hostname, port } = new URL(sluice.facts.gatewayUrl)
  const headers = { 'content-type': 'application/json', 'x-api-key': 'k' }
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ hostname, port, path: '/v1/messages', method: 'POST', headers, agent: false })
    asked.once('error', reject)
    asked.once('response', (response) => {
      response.resume()
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }))
      response.once('error', reject)
    })
    asked.end(JSON.stringify({ model: 'model-x', max_tokens: 9, messages: [{ role: 'user', content }] }))
  })
}
const decided: string[] = []
async function askMany(n: number, content?: string): Promise<readonly Answered[]> {
  const answers = await Promise.all(Array.from({ length: n }, () => ask(content)))
  for (const { headers } of answers)
    if (headers['x-sluice-decision-id'] !== undefined) decided.push(String(headers['x-sluice-decision-id']))
  return answers
}
const actionsOf = (answers: readonly Answered[]) => new Set(answers.map(({ headers }) => headers['x-sluice-action']))
const modesOf = (answers: readonly Answered[]) => new Set(answers.map(({ headers }) => headers['x-sluice-mode']))

describe('sluice serve --workers 2', () => {
  test('both answer on one port, and each writes a spool of its own', async () => {
    expect(new Set((await askMany(40)).map(({ status }) => status))).toEqual(new Set([200]))
    const written = [...spools()].filter(([, ids]) => ids.length > 0)
    expect(written).toHaveLength(2)
    expect(written.flatMap(([, ids]) => ids).sort()).toEqual([...decided].sort())
  })

  test('GW-38: a change of mode holds in every process when it is confirmed', async () => {
    const change = async (mode: string) => {
      const reply = await fetch(`${sluice.facts.consoleUrl}/api/mode`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ mode, reason: 'a test' }),
      })
      expect(reply.status).toBe(200)
    }
    for (const [mode, told] of [
      ['off', 'off'],
      ['observe', 'observe'],
      ['enforce', 'enforcing'],
    ] as const) {
      await change(mode)
      expect(modesOf(await askMany(8))).toEqual(new Set([told]))
    }
  })

  test('a configuration that cannot be used reaches no process, and ends none', async () => {
    writeFileSync(sluice.file, yaml(RULE.replace('phrases: [refuseword]', "patterns: ['(']")))
    sluice.process.kill('SIGHUP')
    await eventually(async () => sluice.log().includes('"config.rejected"') && sluice.log().includes('t.refuse'))
    expect(actionsOf(await askMany(8, 'refuseword'))).toEqual(new Set(['refuse']))
  })

  test('a killed process is replaced, by the last good configuration and the mode that holds', async () => {
    const before = [...spools().keys()]
    const [killed] = before
    process.kill(killed!, 'SIGKILL')
    await eventually(async () => sluice.log().includes('"worker.ended"'))
    await eventually(async () => [...spools().keys()].some((pid) => !before.includes(pid)), 30_000)
    // Metrics are of those that live: nobody waits for one that does not.
    expect((await fetch(`${sluice.facts.consoleUrl}/metrics`)).status).toBe(200)
    expect(actionsOf(await askMany(20, 'refuseword'))).toEqual(new Set(['refuse']))
    const fresh = [...spools().keys()].find((pid) => !before.includes(pid))!
    await eventually(async () => (await askMany(4)) && spools().get(fresh)!.length > 0)
    // What the killed one left is taken over, and its file is gone.
    await eventually(async () => !spools().has(killed!), 30_000)
  })

  test('a new configuration reaches every process, the replaced one included', async () => {
    writeFileSync(sluice.file, yaml(RULE.replace('refuseword', 'otherword')))
    sluice.process.kill('SIGHUP')
    await eventually(async () => sluice.log().includes('"config.reloaded"'))
    expect(actionsOf(await askMany(8, 'refuseword'))).toEqual(new Set(['allow']))
    expect(actionsOf(await askMany(8, 'otherword'))).toEqual(new Set(['refuse']))
  })

  test('GW-33: killed under load again and again: every answer has its receipt in the store, once', {
    timeout: 120_000,
  }, async () => {
    for (let round = 0; round < 3; round++) {
      let going = true
      const load = Array.from({ length: 4 }, async () => {
        // Whoever was connected to the killed process sees a broken connection, and nobody else.
        while (going) await askMany(1).catch(() => undefined)
      })
      await new Promise((resolve) => setTimeout(resolve, 300))
      const pids = [...spools().keys()]
      process.kill(pids[round % pids.length]!, 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, 500))
      going = false
      await Promise.all(load)
      await eventually(async () => [...spools().keys()].filter((pid) => !pids.includes(pid)).length > 0, 30_000)
    }
    const stored: string[] = []
    await eventually(async () => {
      stored.length = 0
      for (let cursor = ''; ; ) {
        const url = `${sluice.facts.consoleUrl}/api/decisions?limit=500${cursor}`
        const { items, next } = (await (await fetch(url)).json()) as DecisionPage
        stored.push(...items.map(({ id }) => id))
        if (next === null) break
        cursor = `&cursor=${encodeURIComponent(next)}`
      }
      const known = new Set(stored)
      return decided.every((id) => known.has(id))
    }, 30_000)
    expect(new Set(stored).size).toBe(stored.length)
    expect(sluice.process.exitCode).toBeNull()
  })
})

test('workers that cannot listen end the program with the reason, instead of being started again and again', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  try {
    await expect(startConfigured('', { args: ['--workers', '2'], env: { SLUICE_PORT: String(port) } })).rejects.toThrow(
      /port \d+ is taken; choose another with SLUICE_PORT\n/,
    )
  } finally {
    taken.close()
  }
})

test('SIGTERM to all of them: every process ends, with exit code 0', async () => {
  const other = await startConfigured(yaml(''), { args: ['--workers', '2'] })
  const pids = readdirSync(join(other.folder, 'spool')).map((name) => Number(/-(\d+)-\d{6}\./.exec(name)![1]))
  const ended = new Promise<number | null>((resolve) => other.process.once('exit', resolve))
  for (const pid of [...new Set(pids), other.process.pid!]) process.kill(pid, 'SIGTERM')
  expect(await ended).toBe(0)
  await eventually(async () => pids.every((pid) => !isAlive(pid)))
  await other.stop()
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
