import { rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startConfigured } from './parts/configured.ts'
import { json, MESSAGE, startRecordingUpstream } from './parts/recording-upstream.ts'
import { eventually } from './parts/running.ts'
import { post, WIRES } from './parts/streams.ts'

const RELOADS = Number(process.env.SLUICE_RELOADS ?? 20)

test(`GW-34: ${RELOADS} reloads under load, some invalid: none dropped, the last good one stays, the log names the place`, {
  timeout: 600_000,
}, async () => {
  const upstream = await startRecordingUpstream()
  // The same server under two names, so that reloads change hosts under running requests.
  const bases = [upstream.url, upstream.url.replace('127.0.0.1', 'localhost')]
  const { start, text, end } = WIRES['/v1/messages']
  upstream.answer = ({ body }, response) => {
    if (!body.includes('"stream":true')) return json(response, 200, MESSAGE)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(start)
    setTimeout(() => response.end(text('fine') + end), 50)
  }
  const yaml = (n: number) =>
    `upstreams: {anthropic: '${bases[n % 2]}'}\nrules:\n  - {name: t.now, stage: input, action: refuse, category: bio, phrases: [word${n}x]}\n`
  const invalid = [
    (n: number) => `${yaml(n)}no_such_setting: 1\n`,
    (n: number) => yaml(n).replace('action: refuse', 'action: vanish'),
    (n: number) => `${yaml(n)}limits: [not, a, map\n`,
    (n: number) => yaml(n).replace(`phrases: [word${n}x]`, "patterns: ['(']"),
  ]
  const sluice = await startConfigured(yaml(0))
  const safeguards = new Set<string | null>()
  let answered = 0
  let going = true
  const load = Array.from({ length: 6 }, async (_, i) => {
    for (let n = i; going; n++) {
      const stream = n % 2 === 0
      const reply = await post(sluice.facts.gatewayUrl, '/v1/messages', { stream })
      expect([reply.status, await reply.text()]).toEqual([
        200,
        stream ? start + text('fine') + end : JSON.stringify(MESSAGE),
      ])
      safeguards.add(reply.headers.get('x-sluice-safeguard'))
      answered++
    }
  })
  const said = (what: string) => sluice.log().split(what).length - 1
  const actionOn = async (n: number) => {
    const messages = [{ role: 'user', content: `word${n}x` }]
    return (await post(sluice.facts.gatewayUrl, '/v1/messages', { messages })).headers.get('x-sluice-action')
  }
  try {
    let good = 0
    for (let n = 1; n <= RELOADS; n++) {
      const bad = n % 3 === 0 ? invalid[(n / 3) % invalid.length]! : null
      const event = bad === null ? '"config.reloaded"' : '"config.rejected"'
      const before = said(event)
      writeFileSync(sluice.file, bad === null ? yaml(n) : bad(n))
      sluice.process.kill('SIGHUP')
      await eventually(async () => said(event) > before)
      if (bad === null) good = n
      // The event may be of the file's own watch, which took the one before once more.
      await eventually(async () => (await actionOn(good)) === 'refuse')
      expect([await actionOn(good), await actionOn(n === good ? n - 1 : n)]).toEqual(['refuse', 'allow'])
    }
  } finally {
    going = false
    await Promise.all(load)
    await sluice.stop()
    await upstream.close()
  }
  expect(answered).toBeGreaterThan(RELOADS * 2)
  expect([...safeguards]).toEqual([sluice.facts.release])
  for (const place of ['no_such_setting', 'rules', 't.now']) expect(sluice.log()).toContain(place)
  expect(sluice.log()).not.toContain('request.failed')
})

test('GW-34: a file that is emptied or gone is no configuration: what was read before stays, until it is whole', async () => {
  const yaml = 'rules:\n  - {name: t.stays, stage: input, action: refuse, category: bio, phrases: [wordstays]}\n'
  const sluice = await startConfigured(yaml)
  const said = (what: string) => sluice.log().split(what).length - 1
  const action = async () => {
    const messages = [{ role: 'user', content: 'wordstays' }]
    return (await post(sluice.facts.gatewayUrl, '/v1/messages', { messages })).headers.get('x-sluice-action')
  }
  try {
    writeFileSync(sluice.file, '')
    sluice.process.kill('SIGHUP')
    await eventually(async () => said('config_unreadable') > 0)
    expect(await action()).toBe('refuse')
    rmSync(sluice.file)
    sluice.process.kill('SIGHUP')
    await eventually(async () => said('config_unreadable') > 1)
    expect([await action(), said('config.reloaded')]).toEqual(['refuse', 0])
    writeFileSync(sluice.file, yaml.replace('refuse', 'flag'))
    await eventually(async () => said('config.reloaded') > 0)
    expect(await action()).not.toBe('refuse')
  } finally {
    await sluice.stop()
  }
})
