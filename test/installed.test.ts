import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildProgram } from '../tools/build-program.ts'

test('installed by npm, it runs as it was built: below node_modules Node takes no types away', async () => {
  await buildProgram()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-installed-'))
  try {
    // What the registry would hold, without the scripts that build it: they have run.
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
    const [packed] = JSON.parse(
      execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    ) as [{ filename: string }]
    const place = join(folder, 'node_modules', 'sluice')
    mkdirSync(place, { recursive: true })
    execFileSync('tar', ['-xf', join(folder, packed.filename), '-C', place, '--strip-components=1'])
    symlinkSync(join(process.cwd(), 'node_modules'), join(place, 'node_modules'))
    const sluice = (...words: string[]) =>
      spawnSync(process.execPath, [join(place, 'bootstrap.mjs'), ...words], { cwd: folder, encoding: 'utf8' })
    const help = sluice('--help')
    expect([help.status, help.stdout]).toEqual([0, expect.stringContaining('Exit codes')])
    const tried = sluice('try', '--json')
    expect([tried.status, tried.stderr]).toEqual([0, ''])
    expect(tried.stdout).toContain('"refuse"')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
