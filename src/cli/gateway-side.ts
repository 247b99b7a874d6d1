import { createHmac, createSecretKey, hash } from 'node:crypto'
import { setImmediate as pause, setTimeout as sleep } from 'node:timers/promises'
import { type CascadeSettings, cascadeFaults } from '../core/policy/cascade.ts'
import { exceptionBook } from '../core/safeguards/exception.ts'
import type { RuleWatch } from '../core/safeguards/rules.ts'
import { newCounters } from '../gateway/counters.ts'
import type { GatewayState, Ports, SecondOpinion, WireReply } from '../gateway/ports.ts'
import { rejected } from '../gateway/rejected.ts'
import { route } from '../gateway/route.ts'
import { createScoreCache } from '../gateway/scored-texts.ts'
import { createHookGate } from '../io/access/hook-gate.ts'
import { createIdentify, createSessionOf } from '../io/access/identify.ts'
import { createOwners } from '../io/access/owners.ts'
import { createProbing } from '../io/access/probing.ts'
import { createRedeem } from '../io/access/redeem.ts'
import type { Config } from '../io/config/config.ts'
import { ableOf, arrange } from '../io/detectors/arrange.ts'
import { openDetectors } from '../io/detectors/open-detectors.ts'
import { startGatewayServer } from '../io/http/gateway-server.ts'
import { watchLag } from '../io/http/lag.ts'
import { keyBook } from '../io/keys/api-keys.ts'
import { capabilityOf, sameSecret } from '../io/keys/capability.ts'
import { createPartDigest, signatureSeed } from '../io/keys/part-digest.ts'
import { pooledRandom } from '../io/keys/pooled-random.ts'
import { createScoreDigest } from '../io/keys/score-digest.ts'
import { loadSecrets } from '../io/keys/secrets.ts'
import { openReceiptSpool } from '../io/spool/receipt-spool.ts'
import { openUpstreams } from '../io/upstream/undici-upstreams.ts'
import type { Calls, Snapshot } from './control-link.ts'
import { loadEmbedded } from './embedded.ts'
import { decidingState, gatewayState } from './gateway-state.ts'
import { statsOf } from './gateway-stats.ts'
import { listenFault } from './listen-fault.ts'
import { publicPage } from './public-page.ts'

/** Where models are asked: the configuration's own upstreams, or the rehearsal that stands in for them. */
export interface Upstreams {
  readonly urls: Readonly<Partial<Record<'anthropic' | 'openai', readonly string[]>>>
  readonly rehearsal: boolean
}

export interface Gateway {
  readonly port: number
  readonly release: string
  /** Begins to answer. Until then callers are told to come back. */
  serve(calls: Pick<Calls, 'ask'>, snapshot: Snapshot, publicUrl: string): Promise<void>
  snapshot(next: Snapshot): void
  /** Takes a new configuration for requests that come from now on; those that run keep theirs. @throws {RuleError} */
  reconfigure(config: Config, upstreams: Upstreams): void
  stats(): Readonly<Record<string, number>>
  close(): Promise<void>
}

type Report = Ports['report']

/**
 * The data plane of one process: listener, classifier, upstream pools, spool.
 * @param sharesPort Other processes listen on the same port.
 */
export async function startGateway(
  config: Config,
  upstreams: Upstreams,
  report: Report,
  sharesPort = false,
): Promise<Gateway> {
  const secrets = await loadSecrets(config.dataFolder)
  const counters = newCounters()
  const lag = watchLag()
  let { limits, drainMs } = config
  let ports: Ports | null = null
  const server = await startGatewayServer({
    host: config.host,
    port: config.port,
    sharesPort,
    maxBodyBytes: config.maxBodyBytes,
    counters,
    overloaded: () => counters.inFlight >= limits.requestsInFlight || lag.ms() > limits.eventLoopLagMs,
    route: async (request) => (ports === null ? starting() : route(request, ports)),
    reject: (head, why, mostBytes) => (ports === null ? starting() : rejected(head, why, mostBytes, ports)),
  }).catch((error) => {
    throw listenFault(error, { ...config, variable: 'SLUICE_PORT' })
  })
  const { classifier, safeguard } = loadEmbedded()
  const settingsOf = (next: Config, to: Upstreams) => ({ ...next.upstreams, urls: to.urls })
  let asked = JSON.stringify(settingsOf(config, upstreams))
  let pools = openUpstreams(settingsOf(config, upstreams))
  let detectors = openDetectors(config.detectors, process.env)
  let consulted = JSON.stringify(config.detectors)
  let arranged = new WeakMap<CascadeSettings, readonly SecondOpinion[]>()
  /** A safeguard's cascade is one object as long as it decides. */
  const asks = (cascade: CascadeSettings | null): readonly SecondOpinion[] => {
    if (cascade === null) return detectors
    const known = arranged.get(cascade)
    if (known !== undefined) return known
    // Refused where the release was made and at the start; it may have come from another replica since.
    for (const fault of cascadeFaults(cascade, detectors.map(ableOf))) report('detector.missing', { fault })
    const list = arrange(detectors, cascade)
    arranged.set(cascade, list)
    return list
  }
  const tokenKey = createSecretKey(secrets.token)
  const scores = createScoreCache(
    classifier,
    createScoreDigest(secrets.principal),
    config.limits.scoreCacheBytes,
    pause,
  )
  const mac = (purpose: string, text: string) =>
    createHmac('sha256', tokenKey).update(`${purpose}\0`).update(text).digest('base64url')
  let spool: ReturnType<typeof openReceiptSpool> | null = null
  let owners: ReturnType<typeof createOwners> | null = null
  let state: GatewayState
  let fixed: ReturnType<typeof gatewayState>
  let keyOf = keyBook(secrets.token, [])
  let callers = config.callers
  let publicUrl = ''
  let hookGate = createHookGate(config.hooks)
  const partDigest = createPartDigest(secrets.principal)
  const watch: RuleWatch = {
    nowMs: () => performance.now(),
    disabled(rule) {
      counters.rulesDisabled++
      report('rule.disabled', { rule })
    },
  }
  let running = config
  let decided: {
    readonly of: readonly [Config, Snapshot['releases'], number]
    readonly state: ReturnType<typeof decidingState>
  } | null = null
  /** Rules are compiled when they change, not with every key that is made. */
  const deciding = () => {
    const [config, of, count] = decided?.of ?? []
    if (decided === null || config !== running || count !== orgs || JSON.stringify(of) !== JSON.stringify(releases))
      decided = { of: [running, releases, orgs], state: decidingState(running, safeguard, releases, orgs, watch) }
    return decided.state
  }
  let releases: Snapshot['releases'] = {}
  let orgs = 1
  let shreds = 0
  const adopt = ({ mode, keys, exceptions, releases: next, shreds: destroyed }: Snapshot) => {
    if (destroyed !== shreds) spool?.forgetKeys()
    shreds = destroyed
    releases = next
    orgs = new Set(keys.map(({ org }) => org)).size + 1
    keyOf = keyBook(secrets.token, keys)
    // Requests that run keep the state that they began with: a stream ends under its own safeguard.
    state = { ...fixed, ...deciding(), mode: mode.mode, exceptions: exceptionBook(exceptions, partDigest) }
  }

  return {
    port: server.port,
    release: safeguard.release,
    async serve(calls, snapshot, url) {
      publicUrl = url
      fixed = gatewayState(config, safeguard, publicUrl, upstreams.rehearsal, watch)
      adopt(snapshot)
      spool = openReceiptSpool({
        dataFolder: config.dataFolder,
        retentionMs: config.retentionDays * 86_400_000,
        maxBytes: config.spoolBytes,
        dataKey: (subject) => calls.ask<Uint8Array>('dataKey', subject),
        report,
      })
      owners = createOwners({
        keptOf: (org, ids) => calls.ask('keptOf', { org, ids }),
        claimKept: (org, ids) => calls.ask('claimKept', { org, ids }),
        report,
      })
      ports = {
        state: () => state,
        classifier,
        scores,
        upstreams: { send: (request) => pools.send(request) },
        secondOpinions: asks,
        spool,
        counters,
        identify: createIdentify(
          secrets.principal,
          () => callers,
          (credential) => keyOf(credential),
        ),
        sessionOf: createSessionOf(secrets.principal),
        capability: (id) => capabilityOf(secrets.capability, id),
        mac,
        sameMac: (purpose, text, given) => sameSecret(mac(purpose, text), given),
        sha256: (text) => hash('sha256', text),
        probing: createProbing(
          { refusals: limits.refusals, windowMs: limits.refusalsWindowMs },
          signatureSeed(secrets.principal),
          Date.now,
          (principal) => {
            counters.probing++
            report('probing.budget_spent', { principal })
          },
          () => counters.askedAgain++,
        ),
        redeem: createRedeem({ first: (decision) => calls.ask('redeem', decision), report }),
        hookGate: (headers, body) => hookGate(headers, body, Date.now()),
        hookVerdicts: new Map(),
        publicPage: (request) => publicPage(request, calls),
        receipt: (id) => calls.ask('receipt', id),
        batches: {
          remember: (record, items) => calls.ask('rememberBatch', { record, items }),
          find: (id) => calls.ask('findBatch', id),
          items: (id) => calls.ask('batchItems', id),
          list: (listing) => calls.ask('listBatches', listing),
          forget: (id) => calls.ask('forgetBatch', id),
        },
        owners,
        clock: {
          nowMs: () => Date.now(),
          monotonicMs: () => performance.now(),
          sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
          pause,
        },
        random: pooledRandom(),
        report,
      }
    },
    snapshot: adopt,
    reconfigure(next, to) {
      // What can fail comes first: a configuration is taken whole or not at all.
      const rebuilt = gatewayState(next, safeguard, publicUrl, to.rehearsal, watch)
      const gate = createHookGate(next.hooks)
      fixed = rebuilt
      running = next
      state = { ...fixed, ...deciding(), mode: state.mode, exceptions: state.exceptions }
      limits = next.limits
      drainMs = next.drainMs
      callers = next.callers
      hookGate = gate
      const opinions = JSON.stringify(next.detectors)
      if (opinions !== consulted) {
        for (const one of detectors) void one.close()
        consulted = opinions
        detectors = openDetectors(next.detectors, process.env)
        arranged = new WeakMap()
      }
      const settings = settingsOf(next, to)
      // The same hosts keep their connections, and what is known of their health.
      if (JSON.stringify(settings) === asked) return
      asked = JSON.stringify(settings)
      const before = pools
      pools = openUpstreams(settings)
      // Requests that run end on the pools they began with.
      void before.close()
    },
    stats: () => statsOf(counters, scores.stats, pools, spool),
    async close() {
      await server.close(drainMs)
      lag.stop()
      await owners?.flush()
      await spool?.close()
      await Promise.all([pools, ...detectors].map((one) => one.close()))
    },
  }
}

/** For the blink between listening and serving: the client tries again by itself. */
function starting(): WireReply {
  return {
    status: 503,
    headers: { 'content-type': 'application/json', 'retry-after': '1' },
    body: '{"error":{"message":"starting"}}',
  }
}
