import { spawn } from 'node:child_process'
import { existsSync, readFileSync, unwatchFile, watchFile } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { CodedError } from '../core/base/errors.ts'
import { type Config, ConfigError, loadConfig } from '../io/config/config.ts'
import { reporting } from './admin-client.ts'
import { banner } from './banner.ts'
import { EXIT, type parseFlags, type Terminal } from './command.ts'
import { PACKAGE_ROOT } from './embedded.ts'
import { startGateway } from './gateway-side.ts'
import { openLiveLines } from './live-line.ts'
import { type Sluice, startSluice } from './start-sluice.ts'
import { runWorker, SHARED_PORT } from './workers.ts'

/** Gateway and console, until it is told to stop. @param thread Of the control side; null in a process that only answers. */
export async function serve(
  { options, rest }: ReturnType<typeof parseFlags>,
  terminal: Terminal,
  thread: Worker | null,
): Promise<number> {
  if (thread === null) return work()
  const workers = Number(options.get('workers') ?? 1)
  if (!Number.isInteger(workers) || workers < 1 || workers > 64) {
    terminal.stderr('sluice serve: --workers wants a whole number from 1 to 64\n')
    return EXIT.usage
  }
  if (rest.length > 0) {
    terminal.stderr(`sluice serve: takes no \`${rest[0]}\`; settings come from sluice.yaml and the environment\n`)
    return EXIT.usage
  }
  // Whatever this process writes is its owner's alone.
  process.umask(0o077)
  const pages = buildMissingConsole(terminal)
  return reporting(terminal, async () => {
    const report: Report = (event, facts) =>
      terminal.stderr(`${JSON.stringify({ at: new Date().toISOString(), event, ...facts })}\n`)
    const config = loadConfig(process.env, process.cwd())
    const sluice = await startSluice(config, report, workers, thread)
    await pages
    const reload = reloads(config, sluice, report)
    // Before anybody is told that it runs: whoever is told may ask it to stop.
    const stopped = stopAsked()
    const lang = languageOf(process.env)
    terminal.stdout(options.has('json') ? `${JSON.stringify(sluice.facts)}\n` : banner(sluice.facts, lang))
    // A file or a service's log is not read as it grows: there only who asks gets them.
    const live = options.has('live') || (process.stdout.isTTY && !options.has('quiet'))
    if (live && !options.has('json')) await sluice.watch(openLiveLines(lang, (text) => terminal.stdout(text)))
    await stopped
    reload.stop()
    await sluice.close()
    // The channel to the parent would keep this process alive.
    if (process.connected) process.disconnect()
    return EXIT.done
  })
}

/** One of several processes that answer: started by the primary, and ended by it. */
async function work(): Promise<number> {
  process.umask(0o077)
  // The primary decides when to stop; a signal to the whole group is its to handle.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => undefined)
  await runWorker((config, upstreams, report) => startGateway(config, upstreams, report, SHARED_PORT))
  return EXIT.done
}

/**
 * Takes a changed configuration on SIGHUP, and when its file changes. One that cannot be used changes nothing: the last
 * good one stays, and the log names the place.
 */
function reloads(started: Config, sluice: Sluice, report: Report): { stop(): void } {
  let running: Promise<void> = Promise.resolve()
  const once = async () => {
    try {
      if (started.file !== null) await written(started.file)
      const next = loadConfig(process.env, process.cwd())
      await sluice.reconfigure(next)
      const later = NEEDS_RESTART.filter((name) => JSON.stringify(next[name]) !== JSON.stringify(started[name]))
      report('config.reloaded', later.length > 0 ? { needs_restart: later.join(',') } : {})
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      report('config.rejected', { code: error.code, message: error.message })
    }
  }
  const reload = () => {
    running = running.then(once)
  }
  process.on('SIGHUP', reload)
  if (started.file !== null) watchFile(started.file, { interval: 500 }, reload)
  return {
    stop() {
      process.off('SIGHUP', reload)
      if (started.file !== null) unwatchFile(started.file, reload)
    },
  }
}

/** A file that says the same for so long is not being written. */
const STILL_MS = 100
const MOST_LOOKS = 20

/**
 * Resolves when the file is written: emptied and not yet filled, or filled by half, it would be a configuration without
 * the rest, and rules and upstreams would be gone for that moment. One that is gone or empty was something before.
 * @throws {ConfigError}
 */
async function written(file: string): Promise<void> {
  let before = textOf(file)
  for (let look = 0; look < MOST_LOOKS; look++) {
    await new Promise((resolve) => setTimeout(resolve, STILL_MS))
    const text = textOf(file)
    if (text !== null && text.trim() !== '' && text === before) return
    before = text
  }
  throw new ConfigError('config_unreadable', `${file} is empty, gone, or still being written; write it whole`)
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

const NEEDS_RESTART = [
  ...(['host', 'port', 'adminPort', 'publicUrl', 'dataFolder', 'databaseUrl'] as const),
  ...(['spoolBytes', 'maxBodyBytes', 'retentionDays', 'feedSyncMs', 'registry', 'record'] as const),
]

type Report = (event: string, facts: Readonly<Record<string, string | number>>) => void

/** In a clone the console's pages are built on the first start, and again when their sources changed. */
async function buildMissingConsole(terminal: Terminal): Promise<void> {
  const builder = join(PACKAGE_ROOT, 'tools', 'build-console.ts')
  if (!existsSync(builder)) return
  const { isConsoleBuilt } = (await import(pathToFileURL(builder).href)) as { isConsoleBuilt(): boolean }
  if (isConsoleBuilt()) return
  // In a process of its own: a bundler has no business in the memory of a gateway.
  const build = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', builder], { stdio: 'ignore' })
  await new Promise<void>((resolve) => {
    const ended = (code: number | null) => {
      if (code !== 0) terminal.stderr('the console could not be built; see why with `npm run build:console`\n')
      resolve()
    }
    build.once('error', () => ended(null))
    build.once('close', ended)
  })
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
