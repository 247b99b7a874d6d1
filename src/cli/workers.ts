import cluster, { type Worker } from 'node:cluster'
import type { Config } from '../io/config/config.ts'
import { openCalls } from '../io/thread/calls.ts'
import type { Calls, Snapshot } from './control-link.ts'
import type { Gateway, Upstreams } from './gateway-side.ts'

/** Gateways in processes of their own, one port for all of them: `node:cluster`, as Node says for more cores. */
export interface Workers {
  readonly port: number
  readonly release: string
  serve(calls: Calls, snapshot: Snapshot, publicUrl: string): Promise<void>
  tell(call: 'snapshot', value: unknown): void
  askAll(call: 'stats' | 'reconfigure', value: unknown): Promise<readonly Record<string, number>[]>
  close(): Promise<void>
}

/** Environment that makes a process of this program a worker. */
export const WORKER_ENV = 'SLUICE_WORKER'

type Report = (event: string, facts: Readonly<Record<string, string | number>>) => void

interface Link {
  readonly worker: Worker
  readonly calls: Calls
  readonly ready: Promise<{ port: number; release: string }>
}

/** What a worker is given when it begins to answer. */
export interface Serve {
  readonly snapshot: Snapshot
  readonly publicUrl: string
}

/**
 * Starts `n` workers and keeps them at `n`: one that dies is replaced, and its spool is read to the end by the drainer.
 * A worker listens by itself; the connections are shared out by the primary.
 */
export async function startWorkers(n: number, upstreams: Upstreams, report: Report): Promise<Workers> {
  cluster.setupPrimary({ serialization: 'advanced' })
  const links = new Set<Link>()
  let control: { calls: Calls; serve: Serve } | null = null
  let closing = false
  let latest: { config: Config; upstreams: Upstreams } | null = null

  const fork = (): Link => {
    const worker = cluster.fork({ [WORKER_ENV]: JSON.stringify(upstreams) })
    let ready: (facts: { port: number; release: string }) => void
    const link: Link = {
      worker,
      ready: new Promise((resolve) => (ready = resolve)),
      calls: openCalls(portOf(worker), {
        ready: (facts: { port: number; release: string }) => ready(facts),
        report: ({ event, facts }: { event: string; facts: Record<string, string> }) => report(event, facts),
        // A gateway's questions are the control side's to answer.
        control: ({ call, value }: { call: string; value: unknown }) => control!.calls.ask(call, value),
      }),
    }
    links.add(link)
    worker.once('exit', (code, signal) => {
      links.delete(link)
      if (closing) return
      report('worker.ended', { pid: worker.process.pid ?? 0, code: code ?? 0, signal: signal ?? '' })
      void revive(fork())
    })
    return link
  }
  const revive = async (link: Link) => {
    await link.ready
    if (control === null) return
    await link.calls.ask('serve', control.serve)
    if (latest !== null) await link.calls.ask('reconfigure', latest)
  }

  const first = Array.from({ length: n }, fork)
  const [facts] = await Promise.all(first.map(({ ready }) => ready))
  return {
    ...facts!,
    async serve(calls, snapshot, publicUrl) {
      control = { calls, serve: { snapshot, publicUrl } }
      await Promise.all([...links].map((link) => link.calls.ask('serve', control!.serve)))
    },
    tell(call, value) {
      if (control !== null) control = { ...control, serve: { ...control.serve, snapshot: value as Snapshot } }
      for (const link of links) void link.calls.ask(call, value)
    },
    async askAll(call, value) {
      if (call === 'reconfigure') latest = value as NonNullable<typeof latest>
      return Promise.all([...links].map((link) => link.calls.ask<Record<string, number>>(call, value)))
    },
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
export async function runWorker(start: (upstreams: Upstreams, report: Report) => Promise<Gateway>): Promise<void> {
  const upstreams = JSON.parse(process.env[WORKER_ENV]!) as Upstreams
  let gateway: Gateway | null = null
  const calls = openCalls(portOf(process as never), {
    serve: ({ snapshot, publicUrl }: Serve) => gateway!.serve(control, snapshot, publicUrl),
    snapshot: (next: Snapshot) => gateway!.snapshot(next),
    reconfigure: ({ config, upstreams: to }: { config: Config; upstreams: Upstreams }) =>
      gateway!.reconfigure(config, to),
    stats: () => gateway!.stats(),
    close: () => gateway!.close(),
  })
  const control = { ask: <T>(call: string, value: unknown) => calls.ask<T>('control', { call, value }) }
  gateway = await start(upstreams, (event, facts) => void calls.ask('report', { event, facts }))
  await calls.ask('ready', { port: gateway.port, release: gateway.release })
  await new Promise((resolve) => process.once('disconnect', resolve))
}

/** A process's channel in the shape of a message port. */
function portOf(end: Pick<Worker, 'on' | 'send'>): never {
  return {
    on: (event: string, listener: (message: unknown) => void) => end.on(event as 'message', listener),
    postMessage: (message: unknown) => end.send(message as object),
  } as never
}
