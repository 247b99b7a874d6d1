import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../io/config/config.ts'
import { reporting } from './admin-client.ts'
import { banner } from './banner.ts'
import { type Command, EXIT, parseFlags, type Terminal } from './command.ts'
import { PACKAGE_ROOT } from './embedded.ts'
import { startSluice } from './start-sluice.ts'

/** `sluice serve`: gateway and console, until it is told to stop. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, ['json'])
  if (rest.length > 0) {
    terminal.stderr(`sluice serve: takes no \`${rest[0]}\`; settings come from sluice.yaml and the environment\n`)
    return EXIT.usage
  }
  // Whatever this process writes is its owner's alone.
  process.umask(0o077)
  buildMissingConsole(terminal)
  return reporting(terminal, async () => {
    const sluice = await startSluice(loadConfig(process.env, process.cwd()), (event, facts) =>
      terminal.stderr(`${JSON.stringify({ at: new Date().toISOString(), event, ...facts })}\n`),
    )
    terminal.stdout(
      options.has('json') ? `${JSON.stringify(sluice.facts)}\n` : banner(sluice.facts, languageOf(process.env)),
    )
    await stopAsked()
    await sluice.close()
    // The channel to the parent would keep this process alive.
    if (process.connected) process.disconnect()
    return EXIT.done
  })
}

/** In a clone the console's pages are built on the first start, and again when their sources changed. */
function buildMissingConsole(terminal: Terminal): void {
  const builder = join(PACKAGE_ROOT, 'tools', 'build-console.ts')
  if (!existsSync(builder)) return
  // In a process of its own: a bundler has no business in the memory of a gateway. Traffic does not depend on pages.
  const built = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', builder], { encoding: 'utf8' })
  if (built.status !== 0) terminal.stderr('the console could not be built; see why with `npm run build:console`\n')
}

function languageOf(environment: NodeJS.ProcessEnv): 'ja' | 'en' {
  return /^ja/i.test(environment.LC_ALL ?? environment.LC_MESSAGES ?? environment.LANG ?? '') ? 'ja' : 'en'
}

/** Resolves on the first signal to stop, or when the process that started this one is gone. A second signal ends at once. */
function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const ask = () => {
      if (asked) process.exit(EXIT.negative)
      asked = true
      resolve()
    }
    process.on('SIGINT', ask)
    process.on('SIGTERM', ask)
    if (process.env.SLUICE_PARENT !== undefined) process.once('disconnect', ask)
  })
}
