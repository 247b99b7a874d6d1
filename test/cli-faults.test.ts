import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sluice } from './parts/sluice.ts'

let folder: string
let environment: Record<string, string>
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'))
  environment = { SLUICE_DATA: join(folder, 'data'), SLUICE_CONFIG: '', SLUICE_PORT: '0', SLUICE_ADMIN_PORT: '0' }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a port that is taken', () => {
  const taken: Server[] = []
  const port = (i: number) => String((taken[i]!.address() as AddressInfo).port)
  beforeAll(async () => {
    for (let i = 0; i < 2; i++) {
      taken.push(createServer().listen(0, '127.0.0.1'))
      await once(taken[i]!, 'listening')
    }
  })
  afterAll(() => {
    for (const one of taken) one.close()
  })
  const start = (env: Record<string, string>, ...args: string[]) =>
    sluice(['serve', ...args], { ...environment, ...env })

  const line = (i: number, variable: string) => `port ${port(i)} is taken; choose another with ${variable}`

  test('the gateway’s: said in a line, and nothing runs on', async () => {
    const done = await start({ SLUICE_PORT: port(0) })
    expect(done).toEqual({ code: 3, stdout: '', stderr: `sluice: ${line(0, 'SLUICE_PORT')}\n` })
  })

  test('the console’s', async () => {
    const done = await start({ SLUICE_ADMIN_PORT: port(1) })
    expect(done).toEqual({ code: 3, stdout: '', stderr: `sluice: ${line(1, 'SLUICE_ADMIN_PORT')}\n` })
  })

  test('both: told at once', async () => {
    const done = await start({ SLUICE_PORT: port(0), SLUICE_ADMIN_PORT: port(1) })
    const [gateway, console] = [line(0, 'SLUICE_PORT'), line(1, 'SLUICE_ADMIN_PORT')]
    expect(done).toEqual({ code: 3, stdout: '', stderr: `sluice: ${gateway}; ${console}\n` })
  })

  test('where several processes answer, too', async () => {
    const { code, stderr } = await start({ SLUICE_PORT: port(0) }, '--workers', '2')
    expect(code).toBe(3)
    expect(stderr).toContain(`sluice: port ${port(0)} is taken; choose another with SLUICE_PORT\n`)
    expect(stderr).not.toContain('    at ')
  })

  test('an address of another machine', async () => {
    const { code, stderr } = await start({ SLUICE_HOST: '192.0.2.1' })
    expect([code, stderr]).toEqual([3, expect.stringContaining('choose another with SLUICE_HOST\n')])
  })
})

describe('OP-7: a data folder that cannot be used', () => {
  let file: string
  beforeAll(() => {
    file = join(folder, 'plain')
    writeFileSync(file, '')
  })

  test('doctor names it, and goes on to what can still be asked', async () => {
    for (const [data, says] of [
      [file, 'is a file; move it away, or name another folder with SLUICE_DATA'],
      [join(file, 'x'), 'lies below a file; name another folder with SLUICE_DATA'],
    ] as const) {
      const { code, stdout, stderr } = await sluice(['doctor'], { ...environment, SLUICE_DATA: data })
      expect([code, stderr]).toEqual([1, ''])
      expect(stdout).toContain(`✕ data folder ${data} ${says}\n`)
      expect(stdout).toContain('running instance')
    }
  })

  test('serve says the same, and does not start', async () => {
    const done = await sluice(['serve'], { ...environment, SLUICE_DATA: file })
    expect(done).toEqual({ code: 3, stdout: '', stderr: expect.stringContaining(`data folder ${file} is a file`) })
    expect(done.stderr.trim().split('\n')).toHaveLength(1)
  })
})

test('OP-7: a configuration that cannot be used is said with place and next step, whoever reads it', async () => {
  const config = join(folder, 'sluice.yaml')
  writeFileSync(config, 'falbacks: {a: b}\n')
  for (const args of [['serve'], ['key', 'list'], ['transparency', '2026-06']]) {
    const { code, stderr } = await sluice(args, { ...environment, SLUICE_CONFIG: config })
    expect([code, stderr]).toEqual([
      1,
      `sluice: ${config}: \`falbacks\`: no such setting; \`fallbacks\` is one; correct it there: docs/reference/sluice.schema.json has every setting\n`,
    ])
  }
})

test('a file or a value that cannot be used is named with what to do, and never with a stack', async () => {
  const at = (name: string) => join(folder, name)
  mkdirSync(at('dir'))
  writeFileSync(at('dir/mine'), 'mine')
  writeFileSync(at('bad.json'), '{"a":')
  const vector = 'JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C'
  const cases: readonly [readonly string[], number, string][] = [
    [['eval', '--suite', 'own', '--html', at('no/page.html')], 1, 'its folder is not there; make that first'],
    [['eval', '--suite', 'own', '--n', '-3'], 2, '`--n` wants a whole number'],
    [['eval', '--suite', 'own', '--model', at('bad.json')], 1, 'bad.json: not a model file'],
    [['train', '--data', at('dir'), '--out', at('no/model')], 1, 'its folder is not there; make that first'],
    [['data', 'import', at('bad.json'), '--out', at('dir')], 1, 'dir is a folder; name a file in it'],
    [['collateral', '--after', 'enforcing', '--data', at('dir'), '--html', at('bad.json/x')], 1, 'lies below a file'],
    [['collateral', '--after', 'enforcing', '--data', at('dir'), '--lang', 'fr'], 2, '--lang wants one of en, ja'],
    [['transparency', '2026-06', '--policy', at('dir'), '--record', at('dir')], 1, 'dir is a folder'],
    [['record', 'verify', at('dir'), '--policy', at('none')], 1, 'none is not there'],
    [['severity', vector, '--measurements', at('dir')], 2, 'dir: is a folder; name a file in it'],
    [['severity', 'raters', at('none')], 2, 'none: is not there; name a CSV file'],
    [['reproduce', '--plan', at('dir')], 2, 'dir is a folder'],
    [['people', 'verify', at('bad.json')], 1, 'holds no signed override; `sluice people sign` writes one'],
    [['report', 'intake', at('dir')], 1, 'dir is a folder'],
    [['classify', at('bad.json')], 2, 'sluice classify < FILE'],
    [['usefulness', '--target', '0.5', '--until', '2026-99-99'], 1, 'a day of the calendar'],
    [['demo', 'report', '--out', at('dir'), '--tasks', '30'], 1, 'holds files that no demo made'],
  ]
  for (const [args, wanted, says] of cases) {
    const { code, stderr } = await sluice(args, environment)
    expect([args, code, stderr]).toEqual([args, wanted, expect.stringContaining(says)])
    expect([args, /^ {4}at /m.test(stderr)]).toEqual([args, false])
  }
  expect(readFileSync(at('dir/mine'), 'utf8')).toBe('mine')
}, 120_000)
