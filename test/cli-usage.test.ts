import { expect, test } from 'vitest'
import { COMMANDS } from '../src/cli/commands.ts'
import { sluice } from './parts/sluice.ts'

const pages: [args: string[], shows: string][] = [
  [['serve', '--help'], 'Exit codes'],
  [['try', '--url', 'http://127.0.0.1:1', '-h'], 'Exit codes'],
  [['classify', '--help'], 'Exit codes'],
  [['release', 'promote', '--help'], 'sluice release draft FOLDER'],
  [['collateral', '--help'], '--slice-limit'],
  [['off', '-h'], 'Exit codes'],
]
for (const [args, shows] of pages)
  test(`sluice ${args.join(' ')}: the page, and nothing else happens`, async () => {
    const { code, stdout, stderr } = await sluice(args, {}, 'no row\n')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(shows)
  })

const faults: [args: string[], says: string][] = [
  [['doctor', '--foo'], 'sluice doctor: takes no `--foo`; see `sluice doctor --help`'],
  [['serve', '--wrkers', '2'], 'sluice serve: takes no `--wrkers`; `--workers` is one'],
  [['--wrkers=2'], 'sluice serve: takes no `--wrkers`'],
  [['off', '-m', 'incident', '--yes'], 'sluice off: takes no `--yes`'],
  [['demo', 'widen', '--tasks', '30'], 'sluice demo widen: takes no `--tasks`'],
  [['data', 'manifest', '--out', 'x'], 'sluice data manifest: takes no `--out`'],
]
for (const [args, says] of faults)
  test(`sluice ${args.join(' ')}: a usage error that names the option`, async () => {
    const { code, stdout, stderr } = await sluice(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(says)
  })

test('every command says what it takes under its own name', async () => {
  for (const [name, load] of Object.entries(COMMANDS)) {
    const { takes } = await load()
    for (const { command, flags } of [takes].flat()) {
      expect(command.split(' ')[0]).toBe(name)
      expect(flags).toContain('json')
    }
  }
})
