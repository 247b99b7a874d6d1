import { statfsSync } from 'node:fs'
import { connect } from 'node:net'
import type { Status } from '../admin/contract.ts'
import { message } from '../core/briefs/format.ts'
import { type Config, ConfigError, loadConfig } from '../io/config/config.ts'
import type { DetectorConfig } from '../io/config/detectors.ts'
import { DataFolderError, makeDataFolder } from '../io/data-folder.ts'
import { checkFiles, checkLabels } from '../io/detectors/onnx-guard.ts'
import { openStore } from '../io/store/open-store.ts'
import { callAdmin } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes } from './command.ts'
import { EMBEDDED_MODEL, loadEmbedded } from './embedded.ts'

export const takes: Takes = {
  command: 'doctor',
  flags: ['json'],
  values: [],
}

interface Check {
  readonly name: string
  readonly good: boolean
  /** What was found, and what to type next where it is not good. */
  readonly text: string
}

const LEAST_FREE_BYTES = 1024 ** 3

/** `sluice doctor`: checks this installation; every fault says what to type next. */
export const run: Command = async (args, terminal) => {
  const { options } = parseFlags(args, takes)
  const checks = await examine()
  const bad = checks.filter(({ good }) => !good).length
  if (options.has('json')) terminal.stdout(`${JSON.stringify({ checks, toFix: bad })}\n`)
  else {
    for (const { good, text } of checks) terminal.stdout(`${good ? '✓' : '✕'} ${text}\n`)
    terminal.stdout(`\n${message('en', 'doctor.summary', { total: String(checks.length), n: String(bad) })}\n`)
  }
  return bad === 0 ? EXIT.done : EXIT.negative
}

async function examine(): Promise<readonly Check[]> {
  let config: Config
  try {
    config = loadConfig(process.env, process.cwd())
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [{ name: 'configuration', good: false, text: `configuration: ${error.message}` }]
  }
  const checks = [ok('configuration', config.file === null ? 'defaults and environment' : config.file)]
  checks.push(node(), await model(), ...(await kept(config)), ...(await upstreams(config)))
  checks.push(await running(config))
  checks.push(...(await secondOpinions(config)))
  return checks
}

function ok(name: string, text: string): Check {
  return { name, good: true, text: `${message('en', 'doctor.ok', { check: name })} (${text})` }
}

function node(): Check {
  const major = Number(process.versions.node.split('.')[0])
  const good = major >= 24
  return good
    ? ok('node', process.versions.node)
    : {
        name: 'node',
        good,
        text: `node ${process.versions.node} is too old. Next: start Sluice through \`npx sluice\`, which brings its own`,
      }
}

async function model(): Promise<Check> {
  try {
    const { classifier, safeguard } = loadEmbedded()
    return ok('classifier', `${safeguard.release}, ${classifier.modelHash.slice(0, 19)}…`)
  } catch {
    return {
      name: 'classifier',
      good: false,
      text: message('en', 'doctor.model_file', { path: EMBEDDED_MODEL, release: 'this version' }),
    }
  }
}

/** Where the data folder cannot be used, nothing can be said of what lies in it. */
async function kept(config: Config): Promise<Check[]> {
  try {
    await makeDataFolder(config.dataFolder)
  } catch (error) {
    if (!(error instanceof DataFolderError)) throw error
    return [{ name: 'disk', good: false, text: error.message }]
  }
  return [disk(config), await store(config)]
}

function disk(config: Config): Check {
  const { bavail, bsize } = statfsSync(config.dataFolder)
  const free = bavail * bsize
  const least = LEAST_FREE_BYTES + config.spoolBytes
  if (free >= least) return ok('disk', `${(free / 1024 ** 3).toFixed(1)} GiB free at ${config.dataFolder}`)
  const left = `${(free / 1024 ** 2).toFixed(0)} MiB`
  const limit = `${(least / 1024 ** 2).toFixed(0)} MiB`
  return { name: 'disk', good: false, text: message('en', 'doctor.disk', { left, path: config.dataFolder, limit }) }
}

async function store(config: Config): Promise<Check> {
  const kind = config.databaseUrl === null ? 'SQLite' : 'PostgreSQL'
  try {
    const opened = await openStore(config.databaseUrl, config.dataFolder)
    await opened.close()
    return ok('store', kind)
  } catch (error) {
    const next =
      kind === 'PostgreSQL'
        ? 'check DATABASE_URL and that the server runs'
        : `check that ${config.dataFolder} can be written`
    return { name: 'store', good: false, text: `${kind} does not open (${(error as Error).message}). Next: ${next}` }
  }
}

async function upstreams(config: Config): Promise<Check[]> {
  const named = (['anthropic', 'openai'] as const).flatMap((dialect) =>
    config.upstreams[dialect].map((base) => ({ dialect, url: new URL(base) })),
  )
  if (named.length === 0) return [ok('upstreams', 'none configured; the rehearsal model answers')]
  return Promise.all(
    named.map(async ({ dialect, url }) => {
      if (await reaches(url)) return ok(dialect, url.origin)
      return {
        name: dialect,
        good: false,
        text: message('en', 'doctor.upstream_unreachable', { upstream: dialect, url: url.origin }),
      }
    }),
  )
}

async function secondOpinions({ detectors }: Config): Promise<Check[]> {
  // Not a fault: said, since it bounds what may be decided.
  if (detectors.length === 0)
    return [ok('second opinions', 'none configured; the light tier diverts at most on intent')]
  return Promise.all(detectors.map(secondOpinion))
}

async function secondOpinion(detector: DetectorConfig): Promise<Check> {
  const name = `second opinion ${detector.id}`
  if (detector.kind === 'probe') return ok(name, 'scores that the model server signs')
  if (detector.kind === 'onnx') {
    try {
      await checkFiles(detector)
      checkLabels(detector)
      return ok(name, `${Object.keys(detector.files).length} files, each the one named; labels of the model`)
    } catch (error) {
      return { name, good: false, text: `${name}: ${(error as Error).message}` }
    }
  }
  const { origin } = new URL(detector.url)
  if (await reaches(new URL(detector.url))) return ok(name, `${detector.kind}, ${origin}`)
  const next =
    'check `url` of this detector and that its server runs; until then what it was to settle is marked degraded'
  return { name, good: false, text: `${name}: no connection to ${origin}. Next: ${next}` }
}

function reaches(url: URL): Promise<boolean> {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname, port, timeout: 5000 })
    const end = (good: boolean) => {
      socket.destroy()
      resolve(good)
    }
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false))
  })
}

async function running(config: Config): Promise<Check> {
  const base = `http://127.0.0.1:${config.adminPort}`
  try {
    const status = await callAdmin<Status>(base, '/api/status')
    const skewMs = Math.abs(status.nowMs - Date.now())
    if (skewMs > 5000)
      return {
        name: 'clock',
        good: false,
        text: message('en', 'doctor.clock', { age: `${Math.round(skewMs / 1000)} s` }),
      }
    return ok(
      'running instance',
      `mode ${status.mode}, ${status.gatewayUrl}, ${status.spoolLagBytes} bytes not yet in the store`,
    )
  } catch {
    return ok('running instance', 'none at the configured port; start one with `npx sluice`')
  }
}
