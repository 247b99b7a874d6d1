import cluster, { type Worker } from 'node:cluster'
import type { Config } from '../io/config/config.ts'
import { openCalls } from '../io/thread/calls.ts'
import { crossed } from '../io/thread/crossed.ts'
import type { Calls, Snapshot } from './control-link.ts'
import type { Gateway, Upstreams } from './gateway-side.ts'

/** Gateways in processes of their own, one port for all of them: `node:cluster`, as Node says for more cores. */
export interface Workers {
  readonly port: number
  readonly release: string
  serve(calls: Calls, snapshot: Snapshot, publicUrl: string): Promise<void>
  snapshot(next: Snapshot): Promise<void>
  reconfigure(settings: Settings): Promise<void>
  stats(): Promise<readonly Record<string, number>[]>
  close(): Promise<void>
}

/**
 * Where the kernel shares connections out among listeners of one port, it does: handed over by the primary, a connection
 * on its way to a worker that dies is left open for ever, and its client waits.
 */
export const SHARED_PORT = process.platform === 'linux'
/** A worker that ended before it could serve is not replaced at once: whatever ended it is likely still there. */
const AGAIN_AFTER_MS = 1_000

type Report = (event: string, facts: Readonly<Record<string, string | number>>) => void

/** What a worker is started with, and told when it changes. */
export interface Settings {
  readonly config: Config
  readonly upstreams: Upstreams
}

/** What a worker is given when it begins to answer. */
interface Serve {
  readonly snapshot: Snapshot
  readonly publicUrl: string
}

interface Facts {
  readonly port: number
  readonly release: string
}

interface Link {
  readonly worker: Worker
  readonly calls: Calls
  /** Rejects when the worker ended before it listened. */
  readonly ready: Promise<Facts>
  /** It was told to serve: from now on it is told of every change. */
  serving: boolean
}

/**
 * Starts `n` workers and keeps them at `n`: one that dies is replaced, and its spool is read to the end by the drainer.
 * Every worker listens by itself, on the port that the first one got.
 *
 * Workers do not read the configuration file: it may have changed, and the last good one counts.
 * @throws the listener's own error, when a worker cannot begin.
 */
export async function startWorkers(n: number, first: Settings, report: Report): Promise<Workers> {
  cluster.setupPrimary({ serialization: 'advanced' })
  const links = new Set<Link>()
  let control: { calls: Calls; serve: Serve } | null = null
  let closing = false
  let latest: Settings | null = null
  let settings = first

  const fork = (): Link => {
    const worker = cluster.fork()
    const { promise, resolve, reject } = Promise.withResolvers<Facts>()
    promise.catch(() => undefined)
    const link: Link = {
      worker,
      ready: promise,
      serving: false,
      calls: openCalls(portOf(worker), {
        settings: () => settings,
        ready: (facts: Facts) => resolve(facts),
        failed: ({ message, code }: { message: string; code: string }) =>
          reject(crossed(Object.assign(new Error(message), { code }))),
        report: ({ event, facts }: { event: string; facts: Record<string, string> }) => report(event, facts),
        // A gateway's questions are the control side's to answer.
        control: ({ call, value }: { call: string; value: unknown }) => control!.calls.ask(call, value),
      }),
    }
    links.add(link)
    worker.once('exit', (code, signal) => {
      links.delete(link)
      const ended = new Error('the worker ended')
      link.calls.abandon(ended)
      reject(ended)
      if (closing) return
      report('worker.ended', { pid: worker.process.pid ?? 0, code: code ?? 0, signal: signal ?? '' })
      // Before the first are up, whoever starts them is told instead.
      if (control === null) return
      if (link.serving) revive()
      else setTimeout(() => closing || revive(), AGAIN_AFTER_MS)
    })
    return link
  }
  const revive = () => {
    const link = fork()
    link.ready.then(
      () => begin(link),
      () => undefined, // Its end is reported where it is seen, and tried again.
    )
  }
  /** All of it is sent at once, so that what is told later comes later. */
  const begin = async (link: Link) => {
    link.serving = true
    const told = [link.calls.ask('serve', control!.serve)]
    if (latest !== null) told.push(link.calls.ask('reconfigure', latest))
    await Promise.all(told).catch((error) => {
      if (links.has(link)) throw error
    })
  }
  /** One that ends meanwhile has no answer; its replacement is told by itself. */
  const askAll = async <T>(call: string, value: unknown): Promise<readonly T[]> => {
    const answers = [...links]
      .filter(({ serving }) => serving)
      .map((link) =>
        link.calls.ask<T>(call, value).then(
          (answer) => [answer],
          (error) => {
            if (links.has(link)) throw error
            return []
          },
        ),
      )
    return (await Promise.all(answers)).flat()
  }

  const started = [fork()]
  let facts: Facts
  try {
    facts = await started[0]!.ready
    if (SHARED_PORT) settings = { ...first, config: { ...first.config, port: facts.port } }
    while (started.length < n) started.push(fork())
    await Promise.all(started.map(({ ready }) => ready))
  } catch (error) {
    closing = true
    for (const { worker } of links) worker.process.kill('SIGKILL')
    throw error
  }
  return {
    ...facts,
    async serve(calls, snapshot, publicUrl) {
      control = { calls, serve: { snapshot, publicUrl } }
      // One that ended since it listened is missing: it is replaced here.
      for (let missing = n - links.size; missing > 0; missing--) revive()
      await Promise.all(started.filter((link) => links.has(link)).map(begin))
    },
    async snapshot(next) {
      if (control === null) return
      control = { ...control, serve: { ...control.serve, snapshot: next } }
      await askAll('snapshot', next)
    },
    async reconfigure(settings) {
      latest = settings
      await askAll('reconfigure', settings)
    },
    stats: () => askAll('stats', null),
    async close() {
      closing = true
      await Promise.all(
        [...links].map(async ({ worker, calls }) => {
          const gone = new Promise((resolve) => worker.once('exit', resolve))
          await calls.ask('close', null).catch(() => undefined)
          worker.disconnect()
          await gone
        }),
      )
    },
  }
}

/** The worker's own half: answers the primary, and asks the control side through it. */
export async function runWorker(
  start: (config: Config, upstreams: Upstreams, report: Report) => Promise<Gateway>,
): Promise<void> {
  let gateway: Gateway | null = null
  const calls = openCalls(portOf(process as never), {
    serve: ({ snapshot, publicUrl }: Serve) => gateway!.serve(control, snapshot, publicUrl),
    snapshot: (next: Snapshot) => gateway!.snapshot(next),
    reconfigure: ({ config, upstreams }: Settings) => gateway!.reconfigure(config, upstreams),
    stats: () => gateway!.stats(),
    close: () => gateway?.close(),
  })
  const control = { ask: <T>(call: string, value: unknown) => calls.ask<T>('control', { call, value }) }
  const report: Report = (event, facts) => void calls.ask('report', { event, facts })
  const ended = new Promise((resolve) => process.once('disconnect', resolve))
  const { config, upstreams } = await calls.ask<Settings>('settings', null)
  try {
    gateway = await start(config, upstreams, report)
  } catch (error) {
    const { message, code = '' } = error as Error & { code?: string }
    await calls.ask('failed', { message, code })
    process.exit(1)
  }
  await calls.ask('ready', { port: gateway.port, release: gateway.release })
  await ended
}

/** A process's channel in the shape of a message port. One that is closed drops what is sent, and says so by its end. */
function portOf(end: Pick<Worker, 'on' | 'send'>): never {
  return {
    on: (event: string, listener: (message: unknown) => void) => end.on(event as 'message', listener),
    postMessage: (message: unknown) => end.send(message as object, () => undefined),
  } as never
}
