import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RULES, startConfigured } from './parts/configured.ts'
import { exchanges, jsonl, prompts, report, row, said } from './parts/evaluated.ts'
import type { Running } from './parts/running.ts'
import { sluice } from './parts/sluice.ts'

let folder: string
const file = (name: string) => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-eval-'))
  writeFileSync(file('prompts.jsonl.gz'), gzipSync(jsonl(prompts)))
  writeFileSync(file('few.jsonl'), jsonl([...prompts.slice(0, 12), ...prompts.slice(-8)]))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('sluice eval, a running Sluice', () => {
  let running: Running
  const secret = `whsec_${Buffer.from('a secret of twenty-four').toString('base64')}`
  beforeAll(async () => {
    running = await startConfigured(`hooks: {secrets: ['${secret}']}\n${RULES}`)
  })
  afterAll(() => running.stop())

  test('its /v1/moderations gives the recall that the embedded model gives, and says what it would do', async () => {
    const url = `${running.facts.gatewayUrl}/v1/moderations`
    const args = ['--file', file('prompts.jsonl.gz'), '--measures', 'quality']
    const [own, asked] = [
      await report(args),
      await report([...args, '--target', url, '--concurrency', '4'], { OPENAI_API_KEY: 'k' }),
    ]
    const [mine, theirs] = [own.qualities[0]!, asked.qualities[0]!]
    expect([asked.target, asked.model, theirs.unavailable.k]).toEqual([url, null, 0])
    const over = (quality: typeof mine, label: string) =>
      quality.overRefusal
        .filter((one) => one.label === label && one.slice === 'all')
        .map(({ acted, flagged }) => [acted.k, flagged.k])
    for (const label of ['benign', 'borderline-benign']) expect(over(theirs, label)).toEqual(over(mine, label))
    // Callers without a key get scores of one decimal: order is kept, ties come in.
    expect(Math.abs(theirs.auc!.area - mine.auc!.area)).toBeLessThan(0.05)
  })

  test('its inference hook says yes or no, and exchanges are left out of it', async () => {
    writeFileSync(
      file('hook.jsonl'),
      jsonl([
        row('1', { label: 'harmful', turns: said('refuseword please') }),
        row('2', { label: 'benign', turns: said('a calm line') }),
        exchanges[0]!,
      ]),
    )
    const target = `hook:${running.facts.gatewayUrl}/hooks/anthropic-inference`
    const args = ['--file', file('hook.jsonl'), '--target', target]
    const { qualities, rows } = await report(args, { SLUICE_HOOK_SECRET: secret })
    expect([rows, qualities[0]!.auc!.area, qualities[0]!.unavailable.k]).toEqual([2, 1, 0])
    // Without the secret nothing is judged: that is no clean bill.
    const unsigned = await report(args, {}, 3)
    expect(unsigned.qualities[0]).toMatchObject({ unavailable: { k: 2, n: 2 }, why: { status: 2 }, harmless: 0 })
  })
})

describe('sluice eval, a judge over HTTP', () => {
  /** A judge of its own: it must be asked in its protocol, and it misbehaves where a row asks for it. */
  let server: Server
  let url: string
  let open = 0
  let most = 0
  const heard: { path: string; headers: Record<string, unknown>; body: string }[] = []
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      most = Math.max(most, ++open)
      let body = ''
      for await (const chunk of request) body += String(chunk)
      heard.push({ path: request.url!, headers: request.headers, body })
      await new Promise((resolve) => setTimeout(resolve, 20))
      open--
      const harmful = body.includes('pipe bomb')
      const key = /"key\\":\\"([\w-]+)\\"/.exec(body)?.[1]
      const verdict = { verdict: harmful ? 'harmful' : 'harmless', probability: harmful ? 0.97 : 0.02, key }
      const text = body.includes('say prose')
        ? 'It looks harmless to me.'
        : JSON.stringify(body.includes('wrong key') ? { ...verdict, key: 'guessed' } : verdict)
      const status = /^\/status\/(\d+)$/.exec(request.url!)?.[1]
      if (status !== undefined) return response.writeHead(Number(status)).end('{}')
      if (body.includes('fail now')) return response.writeHead(503).end('{}')
      if (body.includes('hang up')) return request.socket.destroy()
      if (body.includes('never answer')) return
      response.setHeader('content-type', 'application/json')
      if (request.url === '/v1/chat/completions')
        return response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: text } }] }))
      if (request.url === '/v1/messages')
        return response.end(JSON.stringify({ content: [{ type: 'text', text }], stop_reason: 'end_turn' }))
      if (request.url === '/v1/moderations') {
        const scores = body.includes('no score') ? {} : { violence: body.includes('too much') ? 1.5 : 0.1, hate: 0 }
        const category_scores = body.includes('less than nothing') ? { violence: -1 } : scores
        return response.end(JSON.stringify({ results: [{ flagged: harmful, category_scores }] }))
      }
      return response.end(JSON.stringify({ result: { risk: harmful ? 0.9 : 0.1, stop: harmful } }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  for (const [kind, path] of [
    ['openai', '/v1/chat/completions'],
    ['anthropic', '/v1/messages'],
  ] as const)
    test(`CL-13: ${kind}: what is no verdict is unavailable with its reason, and never clean`, async () => {
      heard.length = 0
      most = 0
      const faults = ['say prose', 'wrong key', 'fail now', 'hang up', 'never answer']
      writeFileSync(
        file('judged.jsonl'),
        jsonl([
          ...[...prompts.slice(0, 12), ...prompts.slice(-8)],
          ...faults.map((text, i) =>
            row(`f${i}`, { label: 'harmful', category: 'cyber', turns: said(`${text}, please`) }),
          ),
        ]),
      )
      const args = ['--file', file('judged.jsonl'), '--target', `${kind}:${url}/v1`, '--judge-model', 'm']
      const { qualities } = await report(
        [...args, '--timeout', '3000', '--concurrency', '3', '--key-env', 'JUDGE_KEY'],
        {
          JUDGE_KEY: 'k-123',
        },
      )
      const quality = qualities[0]!
      expect(quality.unavailable).toMatchObject({ k: 5, n: 25 })
      expect(quality.why).toEqual({ unreadable: 2, status: 1, unreachable: 1, timeout: 1 })
      expect(quality.codes).toEqual({ 503: 1, UND_ERR_SOCKET: 1 })
      expect([quality.harmful, quality.harmless, quality.auc!.area]).toEqual([8, 12, 1])
      expect(quality.slices.find(({ name }) => name === 'cyber')).toMatchObject({ unavailable: 5, harmful: 0 })
      expect(most).toBeLessThanOrEqual(3)
      expect(new Set(heard.map((one) => one.path))).toEqual(new Set([path]))
      const { headers } = heard[0]!
      expect(kind === 'openai' ? headers['authorization'] : headers['x-api-key']).toBe(
        kind === 'openai' ? 'Bearer k-123' : 'k-123',
      )
      // A key per request, so that no text can bring it along.
      const keys = heard.map(({ body }) => /<<<([\w-]+)/.exec(body)![1])
      expect(new Set(keys).size).toBe(25)
    })

  test('CL-15: a moderation whose scores are no probabilities, or that gives none, is no verdict', async () => {
    const faults = ['too much', 'less than nothing', 'no score']
    writeFileSync(
      file('moderated.jsonl'),
      jsonl([
        ...prompts.slice(0, 12),
        ...prompts.slice(-8),
        ...faults.map((text, i) => row(`m${i}`, { label: 'benign', turns: said(`${text}, please`) })),
      ]),
    )
    const { qualities } = await report(['--file', file('moderated.jsonl'), '--target', `${url}/v1/moderations`])
    expect(qualities[0]).toMatchObject({ unavailable: { k: 3, n: 23 }, why: { unreadable: 3 } })
  })

  test('a template: any JSON endpoint, text filled in unharmed, a missing field is no verdict', async () => {
    writeFileSync(
      file('template.json'),
      JSON.stringify({
        headers: { authorization: 'Token $JUDGE_KEY' },
        body: { inputs: [{ value: '{{text}}', ref: '{{id}}' }] },
        score: '/result/risk',
        flagged: '/result/stop',
      }),
    )
    heard.length = 0
    const args = ['--file', file('few.jsonl'), '--target', `http:${url}/check`, '--template', file('template.json')]
    const { qualities } = await report(args, { JUDGE_KEY: 'k-9' })
    expect(qualities[0]).toMatchObject({ harmful: 8, harmless: 12, unavailable: { k: 0 }, auc: { area: 1 } })
    const { headers, body } = heard.find((one) => one.body.includes('"b0"'))!
    expect(headers['authorization']).toBe('Token k-9')
    expect(JSON.parse(body)).toEqual({ inputs: [{ value: prompts[0]!.turns[0]!.content, ref: 'b0' }] })
    writeFileSync(file('other.json'), JSON.stringify({ body: '{{text}}', score: '/result/elsewhere' }))
    const missing = await report([...args.slice(0, -1), file('other.json')], {}, 3)
    expect(missing.qualities[0]).toMatchObject({ unavailable: { k: 20, n: 20 }, why: { unreadable: 20 } })
    const unset = await sluice(['eval', ...args], {})
    expect([unset.code, unset.stderr]).toEqual([1, expect.stringContaining('`$JUDGE_KEY` is not set')])
  })

  test('no verdict at all: said with status or code of the connection, with what to do, in both languages', async () => {
    const args = ['--file', file('few.jsonl'), '--measures', 'quality', '--target']
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const dead = `http://127.0.0.1:${(closed.address() as AddressInfo).port}/v1/moderations`
    await new Promise((resolve) => closed.close(resolve))
    const said = async (more: readonly string[]) => {
      const { code, stdout, stderr } = await sluice(['eval', ...args, ...more], {})
      expect(code).toBe(3)
      return { stdout, stderr: stderr.split('\n').at(-2) }
    }
    expect(await said([dead])).toEqual({
      stdout: expect.stringContaining('not reached 20 (ECONNREFUSED: 20)'),
      stderr: expect.stringMatching(/few\.jsonl: not reached 20 \(ECONNREFUSED: 20\); check the address of http/),
    })
    expect((await said([dead, '--lang', 'ja'])).stderr).toMatch(
      /判定なし：接続不可 20 \(ECONNREFUSED: 20\)。.*のアドレス/,
    )
    for (const [status, next] of [
      ['401', 'check its key'],
      ['404', 'check the path of'],
      ['429', '--concurrency'],
      ['503', 'look into the log of'],
    ] as const)
      expect((await said([`moderations:${url}/status/${status}`])).stderr).toMatch(
        new RegExp(`status other than 200 20 \\(${status}: 20\\); .*${next}`),
      )
  })
})
