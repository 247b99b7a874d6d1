import { randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Mode } from '../core/policy/policy.ts'
import { wireErrors } from '../core/protocols/wire-errors.ts'
import type { GatewayState, Ports, WireReply, WireRequest } from '../gateway/ports.ts'
import { failure, route } from '../gateway/route.ts'
import { createIdentify, createSessionOf } from '../io/access/identify.ts'
import type { Config } from '../io/config/config.ts'
import { startGatewayServer } from '../io/http/gateway-server.ts'
import { capabilityOf } from '../io/keys/capability.ts'
import { loadSecrets } from '../io/keys/secrets.ts'
import { startRehearsal } from '../io/rehearsal/server.ts'
import { openReceiptSpool } from '../io/spool/receipt-spool.ts'
import { openCalls } from '../io/thread/calls.ts'
import { openUpstreams } from '../io/upstream/undici-upstreams.ts'
import type { ModeRow } from '../jobs/ports.ts'
import { loadEmbedded, PACKAGE_ROOT } from './embedded.ts'

export interface Upstream {
  readonly dialect: 'anthropic' | 'openai'
  readonly url: string
  readonly rehearsal: boolean
}

/** What the control thread is told about the gateway. */
export interface ControlFacts {
  readonly gatewayUrl: string
  readonly publicUrl: string
  readonly upstreams: readonly Upstream[]
}

export interface SluiceFacts extends ControlFacts {
  readonly version: string
  readonly consoleUrl: string
  readonly mode: Mode
  readonly modeSinceMs: number
  readonly modeBy: string
  readonly release: string
  readonly retention: Config['retention']
  readonly retentionDays: number
}

export interface Sluice {
  readonly facts: SluiceFacts
  close(): Promise<void>
}

/** A request for a public page, as it crosses between the threads. */
export interface PublicRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
}
export interface PublicReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

type Report = Ports['report']

const GRACE_MS = 10_000

/** The weaker model of the rehearsal stands in for every other; an operator's models need an operator's choice. */
const REHEARSAL_FALLBACKS = { '*': 'rehearsal-small' }

/** Starts gateway and control side. Resolves when both listen. @throws {ConfigError}, or the listener's own error. */
export async function startSluice(config: Config, report: Report): Promise<Sluice> {
  const version = (JSON.parse(readFileSync(`${PACKAGE_ROOT}/package.json`, 'utf8')) as { version: string }).version
  const configured = { anthropic: config.upstreams.anthropic, openai: config.upstreams.openai }
  const rehearsal = configured.anthropic === null && configured.openai === null ? await startRehearsal() : null
  const listed = (['anthropic', 'openai'] as const).flatMap((dialect): Upstream[] => {
    const url = rehearsal?.url ?? configured[dialect]
    return url === null ? [] : [{ dialect, url, rehearsal: rehearsal !== null }]
  })
  const upstreams = openUpstreams({
    ...config.upstreams,
    urls: Object.fromEntries(listed.map(({ dialect, url }) => [dialect, url])),
  })
  const secrets = await loadSecrets(config.dataFolder)
  const { classifier, safeguard } = await loadEmbedded()

  let ports: Ports | null = null
  const gateway = await startGatewayServer({
    host: config.host,
    port: config.port,
    maxBodyBytes: config.maxBodyBytes,
    route: async (request) => (ports === null ? starting() : route(request, ports)),
    reject: (head, why) => failure(head, rejections[why](), ports!),
  })
  const gatewayUrl = `http://${config.host}:${gateway.port}`
  const facts: ControlFacts = { gatewayUrl, publicUrl: config.publicUrl ?? gatewayUrl, upstreams: listed }
  const control = await startControl({ config, gateway: facts, version }, report, (row) => {
    mode = row
  })
  let mode = control.mode

  const spool = openReceiptSpool({
    dataFolder: config.dataFolder,
    retentionMs: config.retentionDays * 86_400_000,
    maxBytes: config.spoolBytes,
    dataKey: (subject) => control.calls.ask<Uint8Array>('dataKey', subject),
    report,
  })
  const fixed: Omit<GatewayState, 'mode'> = {
    safeguard,
    fallbacks: rehearsal === null ? config.fallbacks : { ...REHEARSAL_FALLBACKS, ...config.fallbacks },
    retention: config.retention,
    keepAliveMs: config.keepAliveMs,
    publicUrl: facts.publicUrl,
    appealHours: config.appealHours,
  }
  let state: GatewayState = { ...fixed, mode: mode.mode }
  ports = {
    // One object per mode: a request compares nothing and copies nothing.
    state: () => (state.mode === mode.mode ? state : (state = { ...fixed, mode: mode.mode })),
    classifier,
    upstreams,
    spool,
    identify: createIdentify(secrets.principal, config.detail),
    sessionOf: createSessionOf(secrets.principal),
    capability: (id) => capabilityOf(secrets.capability, id),
    publicPage: (request) => publicPage(request, control.calls),
    clock: {
      nowMs: () => Date.now(),
      monotonicMs: () => performance.now(),
      sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
    },
    random: pooledRandom(),
    report,
  }
  return {
    facts: {
      ...facts,
      version,
      consoleUrl: `http://${config.host === '127.0.0.1' ? 'localhost' : config.host}:${control.adminPort}`,
      mode: mode.mode,
      modeSinceMs: mode.sinceMs,
      modeBy: mode.by,
      release: safeguard.release,
      retention: config.retention,
      retentionDays: config.retentionDays,
    },
    async close() {
      await gateway.close(GRACE_MS)
      await spool.close()
      await control.close()
      await upstreams.close()
      await rehearsal?.close()
    },
  }
}

const rejections = {
  body_too_large: () => wireErrors.bodyTooLarge('32 MiB'),
  content_encoding: () => wireErrors.contentEncoding(),
  body_invalid: () => wireErrors.bodyInvalid('body cannot be read: content-encoding does not match the bytes'),
} as const

/** For the blink between listening and serving: the client tries again by itself. */
function starting(): WireReply {
  return {
    status: 503,
    headers: { 'content-type': 'application/json', 'retry-after': '1' },
    body: '{"error":{"message":"starting"}}',
  }
}

type Calls = ReturnType<typeof openCalls>

async function publicPage(request: WireRequest, calls: Calls): Promise<WireReply> {
  const { method, path, search, headers, bytes } = request
  const kept = Object.fromEntries(
    ['accept', 'accept-language', 'content-type'].flatMap((name) =>
      headers[name] === undefined ? [] : [[name, headers[name]!]],
    ),
  )
  const body = bytes.length > 0 ? new Uint8Array(bytes) : null
  return calls.ask<PublicReply>('page', { method, path: path + search, headers: kept, body } satisfies PublicRequest)
}

/** Random bytes from a pool refilled at once: a call per request costs microseconds that add up. */
function pooledRandom(): (bytes: number) => Uint8Array {
  const pool = new Uint8Array(8192)
  let at = pool.length
  return (bytes) => {
    if (at + bytes > pool.length) {
      randomFillSync(pool)
      at = 0
    }
    // A copy: the pool is overwritten while a receipt may still hold its bytes.
    return pool.slice(at, (at += bytes))
  }
}

interface Control {
  readonly calls: Calls
  readonly adminPort: number
  readonly mode: ModeRow
  close(): Promise<void>
}

function startControl(data: object, report: Report, onMode: (row: ModeRow) => void): Promise<Control> {
  const worker = new Worker(new URL('./control-thread.ts', import.meta.url), { workerData: data })
  const calls = openCalls(worker as never, { mode: onMode })
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.on(
      'message',
      (message: {
        ready?: { adminPort: number; mode: ModeRow }
        report?: { event: string; facts: Record<string, string> }
      }) => {
        if (message.report !== undefined) report(message.report.event, message.report.facts)
        if (message.ready === undefined) return
        const close = async () => {
          await calls.ask('close', null)
          await worker.terminate()
        }
        resolve({ calls, ...message.ready, close })
      },
    )
  })
}
