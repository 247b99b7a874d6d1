import { z } from 'zod'
import { CATEGORIES } from '../../core/base/harm.ts'
import { SEGMENTS } from '../../core/base/segments.ts'
import { detectorSchema } from './detectors.ts'
import { peopleSchema } from './people.ts'

export const url = z
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
    trust: z
      .strictObject({
        contact: z
          .union([url, z.email()], { error: 'wanted a URL or a mail address' })
          .optional()
          .describe('where callers ask for trusted access, a URL or a mail address: shown to everybody'),
      })
      .optional()
      .describe('trusted access, as the page says that a refusal points to'),
    appeal_hours: z.number().min(1).max(720).default(48).describe('within which an appeal is answered'),
    spool_mb: z.int().min(1).max(100_000).default(512),
    max_body_mb: z.number().min(0.01).max(32).default(32),
  })
  .describe('Sluice configuration')
