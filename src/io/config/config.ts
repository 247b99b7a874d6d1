import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { parse as parseYaml, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { CodedError } from '../../core/base/errors.ts'
import { CATEGORIES } from '../../core/base/harm.ts'
import { SEGMENTS, type SegmentRule } from '../../core/base/segments.ts'
import type { FamilyDetector } from '../../core/classifier/family-book.ts'
import type { Person } from '../../core/record/person.ts'
import type { Rule } from '../../core/safeguards/rules.ts'
import { DEFAULT_KEY_SETTINGS, type KeySettings } from '../../core/trust/key-settings.ts'
import { type DetectorConfig, detectorSchema, variablesOf } from './detectors.ts'
import { parsePeople, peopleSchema } from './people.ts'
import { readFamily } from './read-family.ts'

/** The configuration cannot be used. The message names the file, the place and what was wanted. */
export class ConfigError extends CodedError<'config_invalid' | 'config_unreadable'> {}

const url = z
  .string()
  .regex(/^https?:\/\/[^\s]+$/, 'wanted a URL that starts with http:// or https://')
  .refine((text) => URL.canParse(text), 'wanted a URL')

const urls = z.union([url, z.array(url).min(1).max(4)])

/** `sluice.yaml`. Everything has a default; what is not written here comes from the environment. */
export const configSchema = z
  .strictObject({
    mode: z
      .enum(['observe', 'enforce', 'off'])
      .optional()
      .describe('what decisions do when the store names no mode yet'),
    listen: z
      .strictObject({
        host: z.string().optional().describe('address to bind; 127.0.0.1 unless told otherwise'),
        port: z.int().min(0).max(65535).optional().describe('gateway'),
        admin_port: z.int().min(0).max(65535).optional().describe('console and its API'),
      })
      .optional(),
    public_url: url.optional().describe('address of the gateway as callers see it: start of every appeal link'),
    data: z.string().optional().describe('folder for spool, store and keys'),
    database_url: z.string().optional().describe('PostgreSQL; without it SQLite in the data folder'),
    upstreams: z
      .strictObject({
        anthropic: urls.optional().describe('base URL; of several, the next one is asked while the one before is down'),
        openai: urls.optional(),
        connections: z
          .int()
          .min(1)
          .max(100_000)
          .optional()
          .describe('at once, per host; as many as `limits.requests_in_flight` unless told otherwise'),
        first_byte_timeout_s: z.number().min(1).max(3600).default(120),
        silence_timeout_s: z.number().min(1).max(3600).default(300),
      })
      .optional(),
    fallbacks: z
      .record(z.string(), z.union([z.string(), z.array(z.string()).min(1).max(8)]))
      .optional()
      .describe(
        'weaker models per requested model, in order; `*` for every other. A model that is a target is never diverted',
      ),
    prefill_models: z
      .array(z.string())
      .optional()
      .describe(
        'models that continue an answer from its first part: a fallback in mid-answer goes on instead of again',
      ),
    on_upstream_refusal: z
      .enum(['pass', 'fall_back'])
      .default('pass')
      .describe('whether the refusal of a provider itself leads down the fallback chain as well'),
    suspended: z
      .record(
        z.string(),
        z.strictObject({
          since: z.iso.datetime({ offset: true }),
          until: z.iso.datetime({ offset: true }).optional(),
          brief_url: url.optional(),
        }),
      )
      .optional()
      .describe('models that may not answer at the moment; their fallback answers, or nobody'),
    passthrough: z
      .array(z.string().regex(/^\/v1\/[\w/-]+$/, 'wanted a path that starts with /v1/'))
      .optional()
      .describe('further paths that are forwarded unread'),
    shared_upstream_ids: z
      .array(z.string().min(1).max(256))
      .max(1000)
      .optional()
      .describe(
        'files, vector stores, containers … that you made at an upstream for every key that uses your credential there',
      ),
    trust_upstream_sluice: z.boolean().default(false).describe('the upstream is another Sluice: what it says stays'),
    strip_rate_limit_headers: z.boolean().default(false),
    rules: z
      .array(
        z.strictObject({
          name: z.string().regex(/^[\w.-]{1,64}$/, 'wanted letters, digits, dot, dash or underscore, at most 64'),
          stage: z.enum(['input', 'output', 'both']).default('both'),
          action: z.enum(['flag', 'fall_back', 'require_trust', 'refuse']),
          category: z.enum(CATEGORIES).default('other-harm'),
          phrases: z.array(z.string().min(1).max(256)).max(5000).default([]),
          patterns: z.array(z.string().min(1).max(1000)).max(200).default([]),
        }),
      )
      .max(500)
      .optional()
      .describe('words that decide by themselves, on every surface, role and channel'),
    detectors: z
      .array(detectorSchema)
      .max(16)
      .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'wanted ids that differ')
      .optional()
      .describe('second opinions, asked where the light tier leaves a decision in doubt, cheapest first'),
    families: z
      .array(z.string())
      .max(100)
      .optional()
      .describe('files of reported techniques, as `sluice respond` writes them'),
    limits: z
      .strictObject({
        requests_in_flight: z.int().min(1).max(100_000).default(2000).describe('more are shed at once'),
        event_loop_lag_ms: z.int().min(10).max(10_000).default(500).describe('above it new requests are shed'),
        refusals: z.int().min(1).default(20).describe('within `refusals_window_s`; then a caller is told less'),
        refusals_window_s: z.int().min(1).default(600),
        score_cache_mb: z.int().min(0).max(4096).default(64).describe('scores of texts that were seen before'),
      })
      .optional(),
    hooks: z
      .strictObject({
        secrets: z.array(z.string().startsWith('whsec_')).max(2).optional(),
        fall_back: z.enum(['allow', 'deny']).default('deny'),
        accept_unsigned_until: z.iso.datetime({ offset: true }).optional(),
        budget_ms: z.int().min(10).max(10_000).default(800),
      })
      .optional()
      .describe('inference hooks: verdicts for requests that a vendor serves'),
    content: z
      .strictObject({
        keep: z.enum(['all', 'acted', 'none']).default('all').describe('whose prompts and answers are kept, encrypted'),
        days: z.int().min(1).max(400).default(30),
      })
      .optional(),
    detail: z
      .enum(['minimal', 'standard', 'full'])
      .default('standard')
      .describe('how much callers are told about a decision; `full` is for an operator alone with the instance'),
    callers: z
      .strictObject({
        disclosure: z.enum(['standard', 'block', 'notice']).optional().describe('how a served fallback is shown'),
        language: z.enum(['ja', 'en']).optional(),
        mirror_refusal_in_content: z.boolean().default(false),
        trust: z.enum(['refusal', 'error']).default('refusal').describe('answer where trusted access is needed'),
        prefer_server_fallback: z.boolean().default(false),
      })
      .optional()
      .describe('settings of callers without a key of Sluice; a key has its own'),
    segments: z
      .array(
        z.strictObject({
          segment: z.enum(SEGMENTS),
          org: z.string().max(64).optional(),
          surface: z.string().max(32).optional(),
          model: z.string().max(200).optional().describe('start of the name of the model asked for'),
        }),
      )
      .max(100)
      .optional()
      .describe('kinds of traffic in reports, by what is known of a request; the first that holds'),
    false_positives: z
      .strictObject({ target: z.number().gt(0).lt(1), until: z.iso.date() })
      .optional()
      .describe('share of reviewed interventions that may hit legitimate work, and the day by which'),
    keep_alive_s: z.number().min(1).max(60).default(15).describe('longest silence towards a caller while text is held'),
    drain_s: z.number().min(0).max(3600).default(10).describe('how long running answers may take to end at a stop'),
    releases: z
      .strictObject({
        steps: z
          .array(z.number().positive().max(100))
          .min(1)
          .max(10)
          .refine((steps) => steps.every((step, i) => i === 0 || step > steps[i - 1]!), 'wanted rising percents')
          .default([1, 5, 25, 50])
          .describe('percent of a canary, step by step'),
        wait_hours: z.number().min(0).max(720).default(0).describe('least time between submit and shadow'),
        shadow_hours: z.number().min(0).max(720).default(24).describe('least time in shadow'),
        step_hours: z.number().min(0).max(720).default(24).describe('least time in each step of a canary'),
        pause_hours: z
          .number()
          .min(0)
          .max(720)
          .default(24)
          .describe('a canary that paused by itself and that nobody looked at for so long is rolled back'),
        session_minutes: z
          .number()
          .min(0)
          .max(1440)
          .default(10)
          .describe('what a session meets within so long of its first request counts for the guard metrics'),
        session_appeal_hours: z.number().min(0).max(720).default(6).describe('the same for its appeals'),
      })
      .optional()
      .describe('how safeguard releases move'),
    registry: z
      .strictObject({
        organisation: z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/, 'wanted letters, digits, dot and dash')
          .default('this-organisation')
          .describe('name of this organisation among its partners'),
        statutory_harms: z
          .array(z.string().min(1))
          .max(50)
          .default(['child-safety'])
          .describe('harm classes whose handling the law fixes: never scored'),
        same_control: z
          .array(z.tuple([z.string().min(1), z.string().min(1)]))
          .max(200)
          .default([])
          .describe('pairs of organisations that are not independent of each other'),
      })
      .optional()
      .describe('reports of jailbreaks'),
    feeds: z
      .strictObject({
        sync_s: z
          .union([z.literal(0), z.int().min(10).max(86_400)])
          .default(3600)
          .describe('how often every pinned partner is read, give or take a tenth; 0: by `sluice feed sync` alone'),
      })
      .optional()
      .describe('feeds of partners; nothing is read before one is pinned'),
    people: peopleSchema
      .optional()
      .describe('who may sign, and with which keys: a closed list, as `sluice people key` writes its lines'),
    record: z
      .strictObject({
        origin: z
          .string()
          .regex(/^[^\s+]{1,200}$/, 'wanted a name without spaces and without `+`, such as example.com/sluice')
          .optional()
          .describe('name of the log; it is made of its key unless told otherwise, and never changes afterwards'),
        witnesses: z
          .array(z.strictObject({ name: z.string().regex(/^[\w.-]{1,64}$/), key: z.string(), url }))
          .max(32)
          .optional()
          .describe('asked to cosign every published checkpoint; `key` is a verifier key'),
        quorum: z
          .union([z.enum(['none', 'any', 'all']), z.int().min(1).max(32)])
          .default('none')
          .describe('witnesses that have to sign before others accept a checkpoint'),
        witness_for: z
          .array(z.strictObject({ key: z.string() }))
          .max(32)
          .optional()
          .describe('verifier keys of logs of partners that this instance is a witness for'),
      })
      .optional()
      .describe('the record: what is logged for everybody to check'),
    appeal_hours: z.number().min(1).max(720).default(48).describe('within which an appeal is answered'),
    spool_mb: z.int().min(1).max(100_000).default(512),
    max_body_mb: z.number().min(0.01).max(32).default(32),
  })
  .describe('Sluice configuration')

export interface Config {
  readonly mode: 'observe' | 'enforce' | 'off'
  readonly host: string
  readonly port: number
  readonly adminPort: number
  readonly publicUrl: string | null
  readonly dataFolder: string
  readonly databaseUrl: string | null
  readonly upstreams: {
    readonly anthropic: readonly string[]
    readonly openai: readonly string[]
    /** The operator's own credential per dialect: sent for callers with a key of Sluice. */
    readonly credentials: { readonly anthropic: string | null; readonly openai: string | null }
    readonly connections: number
    readonly firstByteTimeoutMs: number
    readonly silenceTimeoutMs: number
  }
  readonly fallbacks: Readonly<Record<string, readonly string[]>>
  readonly prefillModels: readonly string[]
  readonly onUpstreamRefusal: 'pass' | 'fall_back'
  readonly suspended: Readonly<Record<string, { since: string; until: string | null; briefUrl: string | null }>>
  readonly sharedUpstreamIds: readonly string[]
  readonly passthrough: readonly string[]
  readonly trustUpstreamSluice: boolean
  readonly stripRateLimitHeaders: boolean
  readonly rules: readonly Rule[]
  readonly detectors: readonly DetectorConfig[]
  /** Reported techniques, read from their files. */
  readonly families: readonly FamilyDetector[]
  readonly limits: {
    readonly requestsInFlight: number
    readonly eventLoopLagMs: number
    readonly refusals: number
    readonly refusalsWindowMs: number
    readonly scoreCacheBytes: number
  }
  readonly hooks: {
    readonly secrets: readonly string[]
    readonly fallBack: 'allow' | 'deny'
    readonly acceptUnsignedUntilMs: number | null
    readonly budgetMs: number
  }
  /** Of callers without a key of Sluice. */
  readonly callers: KeySettings
  readonly retention: 'all' | 'acted' | 'none'
  readonly retentionDays: number
  readonly keepAliveMs: number
  /** From being told to stop to the end of what still runs. */
  readonly drainMs: number
  readonly registry: {
    readonly organisation: string
    readonly statutoryHarms: readonly string[]
    readonly sameControl: readonly (readonly [string, string])[]
  }
  /** How often the feeds of pinned partners are read; 0: not by itself. */
  readonly feedSyncMs: number
  /** Who may sign. */
  readonly people: readonly Person[]
  readonly appealHours: number
  readonly record: {
    readonly origin: string | null
    readonly witnesses: readonly { readonly name: string; readonly key: string; readonly url: string }[]
    readonly quorum: 'none' | 'any' | 'all' | number
    readonly witnessFor: readonly string[]
  }
  /** Target of the burn-down, or null. */
  readonly falsePositives: { readonly share: number; readonly day: string } | null
  readonly segments: readonly SegmentRule[]
  readonly releases: {
    readonly steps: readonly number[]
    readonly waitMs: number
    readonly shadowMs: number
    readonly stepMs: number
    readonly pauseMs: number
    readonly sessionMs: number
    readonly appealMs: number
  }
  readonly spoolBytes: number
  readonly maxBodyBytes: number
  /** The file that was read, or null. */
  readonly file: string | null
}

const HOUR_MS = 3_600_000

type Environment = Readonly<Record<string, string | undefined>>

/**
 * File and environment, one value each: the environment wins, since it is what one changes for a single run.
 * @throws {ConfigError} naming file, place and what was wanted.
 */
export function loadConfig(environment: Environment, folder: string): Config {
  const named = environment.SLUICE_CONFIG || undefined
  const file = resolve(folder, named ?? 'sluice.yaml')
  const text = readText(file, named !== undefined)
  const written = text === null ? configSchema.parse({}) : parseConfig(text, file)
  const env = readEnvironment(environment)
  const data = env.SLUICE_DATA ?? written.data ?? '.sluice'
  const upstreams = written.upstreams
  checkVariables(written.detectors ?? [], environment, file)
  return {
    mode: env.SLUICE_MODE ?? written.mode ?? 'observe',
    host: env.SLUICE_HOST ?? written.listen?.host ?? '127.0.0.1',
    port: env.SLUICE_PORT ?? written.listen?.port ?? 8787,
    adminPort: env.SLUICE_ADMIN_PORT ?? written.listen?.admin_port ?? 8788,
    publicUrl: linkStart(env.SLUICE_PUBLIC_URL ?? written.public_url),
    dataFolder: isAbsolute(data) ? data : join(folder, data),
    databaseUrl: env.DATABASE_URL ?? written.database_url ?? null,
    upstreams: {
      anthropic: listOf(env.ANTHROPIC_UPSTREAM_URL ?? upstreams?.anthropic),
      openai: listOf(env.OPENAI_UPSTREAM_URL ?? upstreams?.openai),
      credentials: { anthropic: env.ANTHROPIC_API_KEY ?? null, openai: env.OPENAI_API_KEY ?? null },
      // Fewer than that, and requests that were let in would wait for each other's streams to end.
      connections: upstreams?.connections ?? written.limits?.requests_in_flight ?? 2000,
      firstByteTimeoutMs: (upstreams?.first_byte_timeout_s ?? 120) * 1000,
      silenceTimeoutMs: (upstreams?.silence_timeout_s ?? 300) * 1000,
    },
    fallbacks: Object.fromEntries(Object.entries(written.fallbacks ?? {}).map(([model, to]) => [model, listOf(to)])),
    prefillModels: written.prefill_models ?? [],
    onUpstreamRefusal: written.on_upstream_refusal,
    suspended: Object.fromEntries(
      Object.entries(written.suspended ?? {}).map(([model, { since, until, brief_url }]) => [
        model,
        { since, until: until ?? null, briefUrl: brief_url ?? null },
      ]),
    ),
    sharedUpstreamIds: written.shared_upstream_ids ?? [],
    passthrough: written.passthrough ?? [],
    trustUpstreamSluice: written.trust_upstream_sluice,
    stripRateLimitHeaders: written.strip_rate_limit_headers,
    rules: written.rules ?? [],
    families: (written.families ?? []).map((path) => readFamily(resolve(dirname(file), path))),
    detectors: written.detectors ?? [],
    limits: {
      requestsInFlight: written.limits?.requests_in_flight ?? 2000,
      eventLoopLagMs: written.limits?.event_loop_lag_ms ?? 500,
      refusals: written.limits?.refusals ?? 20,
      refusalsWindowMs: (written.limits?.refusals_window_s ?? 600) * 1000,
      scoreCacheBytes: (written.limits?.score_cache_mb ?? 64) * 1024 * 1024,
    },
    hooks: {
      secrets:
        env.SLUICE_HOOK_SECRET === undefined ? (written.hooks?.secrets ?? []) : env.SLUICE_HOOK_SECRET.split(' '),
      fallBack: written.hooks?.fall_back ?? 'deny',
      acceptUnsignedUntilMs: timeOf(written.hooks?.accept_unsigned_until),
      budgetMs: written.hooks?.budget_ms ?? 800,
    },
    callers: {
      ...DEFAULT_KEY_SETTINGS,
      detail: written.detail,
      disclosure: written.callers?.disclosure ?? null,
      language: written.callers?.language ?? null,
      mirrorRefusal: written.callers?.mirror_refusal_in_content ?? false,
      onTrustRequired: written.callers?.trust ?? 'refusal',
      preferServerFallback: written.callers?.prefer_server_fallback ?? false,
    },
    retention: env.SLUICE_CONTENT ?? written.content?.keep ?? 'all',
    retentionDays: written.content?.days ?? 30,
    keepAliveMs: written.keep_alive_s * 1000,
    drainMs: written.drain_s * 1000,
    appealHours: written.appeal_hours,
    registry: {
      organisation: written.registry?.organisation ?? 'this-organisation',
      statutoryHarms: written.registry?.statutory_harms ?? ['child-safety'],
      sameControl: written.registry?.same_control ?? [],
    },
    feedSyncMs: (written.feeds?.sync_s ?? 3600) * 1000,
    people: peopleIn(written.people ?? [], file),
    record: {
      origin: written.record?.origin ?? null,
      witnesses: written.record?.witnesses ?? [],
      quorum: written.record?.quorum ?? 'none',
      witnessFor: (written.record?.witness_for ?? []).map(({ key }) => key),
    },
    falsePositives:
      written.false_positives === undefined
        ? null
        : { share: written.false_positives.target, day: written.false_positives.until },
    segments: (written.segments ?? []).map(({ segment, org = null, surface = null, model = null }) => ({
      ...{ segment, org, surface, model },
    })),
    releases: {
      steps: written.releases?.steps ?? [1, 5, 25, 50],
      waitMs: (written.releases?.wait_hours ?? 0) * HOUR_MS,
      shadowMs: (written.releases?.shadow_hours ?? 24) * HOUR_MS,
      stepMs: (written.releases?.step_hours ?? 24) * HOUR_MS,
      pauseMs: (written.releases?.pause_hours ?? 24) * HOUR_MS,
      sessionMs: ((written.releases?.session_minutes ?? 10) / 60) * HOUR_MS,
      appealMs: (written.releases?.session_appeal_hours ?? 6) * HOUR_MS,
    },
    spoolBytes: written.spool_mb * 1024 * 1024,
    maxBodyBytes: Math.floor(written.max_body_mb * 1024 * 1024),
    file: text === null ? null : file,
  }
}

/** @throws {ConfigError} a detector's credential is not in the environment: it would answer nobody. */
function checkVariables(detectors: readonly DetectorConfig[], environment: Environment, file: string): void {
  for (const detector of detectors)
    for (const name of variablesOf(detector))
      if (!environment[name])
        throw new ConfigError(
          'config_invalid',
          `${file}: detector \`${detector.id}\` wants the environment variable ${name}, which is not set`,
        )
}

/** @throws {ConfigError} a key that is no key, or a person or key that stands in the list twice. */
function peopleIn(written: z.infer<typeof peopleSchema>, file: string): readonly Person[] {
  const people = parsePeople(written)
  if (typeof people !== 'string') return people
  throw new ConfigError('config_invalid', `${file}: \`people\`: ${people}`)
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

/** As it stands in a header: a host of other letters is written in ASCII, and there is no slash at the end. */
function linkStart(address: string | undefined): string | null {
  return address === undefined ? null : new URL(address).href.replace(/\/+$/, '')
}

function timeOf(value: string | undefined): number | null {
  return value === undefined ? null : Date.parse(value)
}

/** @throws {ConfigError} naming the line where YAML says one, else the member. */
export function parseConfig(text: string, file: string): z.infer<typeof configSchema> {
  let value: unknown
  try {
    value = parseYaml(text) ?? {}
  } catch (error) {
    const line = error instanceof YAMLParseError ? (error.linePos?.[0].line ?? 1) : 1
    throw new ConfigError('config_invalid', `${file} line ${line}: not valid YAML`, { cause: error })
  }
  const result = configSchema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `\`${path.join('.') || 'file'}\`: ${message}`)
  throw new ConfigError('config_invalid', `${file}: ${faults.join('; ')}`)
}

const port = z.coerce.number().int().min(0).max(65535)
const environmentSchema = z.object({
  SLUICE_MODE: z.enum(['observe', 'enforce', 'off']).optional(),
  SLUICE_HOST: z.string().optional(),
  SLUICE_PORT: port.optional(),
  SLUICE_ADMIN_PORT: port.optional(),
  SLUICE_PUBLIC_URL: url.optional(),
  SLUICE_DATA: z.string().optional(),
  SLUICE_CONTENT: z.enum(['all', 'acted', 'none']).optional(),
  DATABASE_URL: z.string().optional(),
  ANTHROPIC_UPSTREAM_URL: url.optional(),
  OPENAI_UPSTREAM_URL: url.optional(),
  ANTHROPIC_API_KEY: z.string().optional(),
  OPENAI_API_KEY: z.string().optional(),
  SLUICE_HOOK_SECRET: z.string().startsWith('whsec_').optional(),
})

function readEnvironment(environment: Environment) {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const result = environmentSchema.safeParse(given)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `\`${path.join('.')}\`: ${message}`)
  throw new ConfigError('config_invalid', `environment: ${faults.join('; ')}`)
}

function readText(file: string, required: boolean): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ENOENT'
    if (missing && !required) return null
    throw new ConfigError('config_unreadable', `cannot read ${file}; set SLUICE_CONFIG to a file that exists`, {
      cause: error,
    })
  }
}
