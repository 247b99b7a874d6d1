import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { parse as parseYaml, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { CodedError } from '../../core/base/errors.ts'
import type { SegmentRule } from '../../core/base/segments.ts'
import type { FamilyDetector } from '../../core/classifier/family-book.ts'
import type { Person } from '../../core/record/person.ts'
import type { Rule } from '../../core/safeguards/rules.ts'
import { DEFAULT_KEY_SETTINGS, type KeySettings } from '../../core/trust/key-settings.ts'
import { configFaults } from './config-faults.ts'
import { configSchema, url } from './config-schema.ts'
import { type DetectorConfig, variablesOf } from './detectors.ts'
import { parsePeople, type peopleSchema } from './people.ts'
import { readFamily } from './read-family.ts'

/** The configuration cannot be used. The message names the file, the place and what was wanted. */
export class ConfigError extends CodedError<'config_invalid' | 'config_unreadable'> {}

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
  /** Where callers ask for trusted access: a URL or a mail address. */
  readonly trustContact: string | null
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
    trustContact: written.trust?.contact ?? null,
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
    throw new ConfigError('config_invalid', `${file} line ${line}: not valid YAML; correct that line`, { cause: error })
  }
  const result = configSchema.safeParse(value)
  if (result.success) return result.data
  const faults = configFaults(result.error, configSchema)
  throw new ConfigError(
    'config_invalid',
    `${file}: ${faults}; correct it there: docs/reference/sluice.schema.json has every setting`,
  )
}

const PORT = 'wanted a whole number from 0 to 65535'
const port = z.coerce.number(PORT).int(PORT).min(0, PORT).max(65535, PORT)
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
  const faults = configFaults(result.error, environmentSchema)
  throw new ConfigError('config_invalid', `environment: ${faults}; set it to that, or unset it`)
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
