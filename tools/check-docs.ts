import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Documents that cannot lie: every `ts` block is type-checked and run, every `sh` block is run by bash in the root
 * (unless its fence says `sh no-run`, for the two commands that this very check is part of), every relative link
 * exists, and the README stays short.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const faults: string[] = []
const files = ['README.md', 'CHANGELOG.md', ...markdown('docs'), ...markdown('models'), ...markdown('data')]
const folder = mkdtempSync(join(root, 'node_modules', '.docs-'))
let blocks = 0

try {
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, target] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g))
      if (!existsSync(join(root, dirname(file), target!)))
        faults.push(`${file}: link to \`${target}\`, which does not exist`)
    for (const [, info, code] of text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```/gm)) check(file, info!.trim(), code!)
  }
  const lines = readFileSync(join(root, 'README.md'), 'utf8').split('\n').length
  if (lines > 150) faults.push(`README.md has ${lines} lines; 150 at most`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.stdout.write(`docs: ${files.length} files, ${blocks} blocks run, ${faults.length} faults\n`)
process.exit(faults.length === 0 ? 0 : 1)

function check(file: string, info: string, code: string): void {
  const [language, option] = info.split(' ')
  if (language === 'ts') {
    const path = join(folder, `block-${blocks}.ts`)
    writeFileSync(path, code)
    run(file, process.execPath, ['--disable-warning=ExperimentalWarning', path])
  } else if ((language === 'sh' || language === 'bash') && option !== 'no-run')
    run(file, 'bash', ['-euo', 'pipefail', '-c', code])
}

function run(file: string, program: string, args: readonly string[]): void {
  blocks++
  // What a block starts is a Sluice of its own: settings of whoever runs the check must not reach it.
  const { DATABASE_URL: _database, SLUICE_CONFIG: _config, SLUICE_DATA: _data, ...env } = process.env
  const done = spawnSync(program, args, { cwd: root, encoding: 'utf8', timeout: 240_000, env })
  if (done.status !== 0) faults.push(`${file}: block ${blocks} ended with ${done.status}: ${done.stderr.slice(-600)}`)
}

function markdown(path: string): string[] {
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    const inner = `${path}/${entry.name}`
    return entry.isDirectory() ? markdown(inner) : entry.name.endsWith('.md') ? [inner] : []
  })
}
