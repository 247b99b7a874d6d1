import { readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { parse as parseYaml, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { CodedError } from '../../core/base/errors.ts'

/** The configuration cannot be used. The message names the file, the place and what was wanted. */
export class ConfigError extends CodedError<'config_invalid' | 'config_unreadable'> {}

const url = z.string().regex(/^https?:\/\/[^\s]+$/, 'wanted a URL that starts with http:// or https://')

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
        anthropic: url.optional(),
        openai: url.optional(),
        connections: z.int().min(1).max(10_000).default(256),
        first_byte_timeout_s: z.number().min(1).max(3600).default(120),
        silence_timeout_s: z.number().min(1).max(3600).default(300),
      })
      .optional(),
    fallbacks: z
      .record(z.string(), z.string())
      .optional()
      .describe('weaker model per requested model; `*` for every other. A model that is a target is never diverted'),
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
    keep_alive_s: z.number().min(1).max(60).default(15).describe('longest silence towards a caller while text is held'),
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
    readonly anthropic: string | null
    readonly openai: string | null
    readonly connections: number
    readonly firstByteTimeoutMs: number
    readonly silenceTimeoutMs: number
  }
  readonly fallbacks: Readonly<Record<string, string>>
  readonly retention: 'all' | 'acted' | 'none'
  readonly retentionDays: number
  readonly detail: 'minimal' | 'standard' | 'full'
  readonly keepAliveMs: number
  readonly appealHours: number
  readonly spoolBytes: number
  readonly maxBodyBytes: number
  /** The file that was read, or null. */
  readonly file: string | null
}

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
  return {
    mode: env.SLUICE_MODE ?? written.mode ?? 'observe',
    host: env.SLUICE_HOST ?? written.listen?.host ?? '127.0.0.1',
    port: env.SLUICE_PORT ?? written.listen?.port ?? 8787,
    adminPort: env.SLUICE_ADMIN_PORT ?? written.listen?.admin_port ?? 8788,
    publicUrl: (env.SLUICE_PUBLIC_URL ?? written.public_url)?.replace(/\/+$/, '') ?? null,
    dataFolder: isAbsolute(data) ? data : join(folder, data),
    databaseUrl: env.DATABASE_URL ?? written.database_url ?? null,
    upstreams: {
      anthropic: env.ANTHROPIC_UPSTREAM_URL ?? upstreams?.anthropic ?? null,
      openai: env.OPENAI_UPSTREAM_URL ?? upstreams?.openai ?? null,
      connections: upstreams?.connections ?? 256,
      firstByteTimeoutMs: (upstreams?.first_byte_timeout_s ?? 120) * 1000,
      silenceTimeoutMs: (upstreams?.silence_timeout_s ?? 300) * 1000,
    },
    fallbacks: written.fallbacks ?? {},
    retention: env.SLUICE_CONTENT ?? written.content?.keep ?? 'all',
    retentionDays: written.content?.days ?? 30,
    detail: written.detail,
    keepAliveMs: written.keep_alive_s * 1000,
    appealHours: written.appeal_hours,
    spoolBytes: written.spool_mb * 1024 * 1024,
    maxBodyBytes: Math.floor(written.max_body_mb * 1024 * 1024),
    file: text === null ? null : file,
  }
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
