import { z } from 'zod'
import { CATEGORIES } from '../../core/base/harm.ts'
import { FAIL_ACTIONS } from '../../core/policy/finding.ts'
import { MOST_QUESTIONS } from '../../core/protocols/decisions.ts'

const id = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'wanted lower-case letters, digits and dashes, at most 32')
const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'wanted the name of an environment variable')
const url = z.string().regex(/^https?:\/\/[^\s]+$/, 'wanted a URL that starts with http:// or https://')
const category = z.enum(CATEGORIES)
const fail = z.enum(FAIL_ACTIONS)
const share = z.number().min(0).max(1)

const common = {
  id,
  stages: z
    .array(z.enum(['input', 'output']))
    .min(1)
    .default(['input'])
    .describe('what it reads: requests, answers'),
  budget_ms: z.int().min(10).max(60_000).optional().describe('an answer that comes later is none'),
  cost_us: z.int().min(0).optional().describe('what one question costs; the cheaper is asked first'),
  categories: z.array(category).min(1).optional().describe('those it knows; its silence clears no other'),
  thresholds: z
    .strictObject({ clear: share, act: share, act_plus: share })
    .refine(({ clear, act, act_plus }) => clear <= act && act <= act_plus, 'wanted clear ≤ act ≤ act_plus')
    .optional()
    .describe('where its own probabilities start to count'),
  on_failure: z
    .union([fail, z.partialRecord(z.union([category, z.literal('default')]), fail)])
    .optional()
    .describe('what follows where it does not answer; without it the cheaper stages decide'),
}

const breaker = z
  .strictObject({ failures: z.int().min(1).max(100).default(5), open_s: z.number().min(0.1).max(600).default(5) })
  .default({ failures: 5, open_s: 5 })

const remote = {
  url: url.describe('base URL; `/v1/…` is appended'),
  credential_env: variable.optional().describe('environment variable that holds the credential'),
  model: z.string().min(1).max(256),
  hedge_after_ms: z.int().min(1).max(60_000).optional().describe('a second identical call then; at most one in ten'),
  max_chars: z.int().min(100).max(1_000_000).default(100_000).describe('longer texts are not sent, and not answered'),
  breaker,
}

const labels = z.array(z.string().min(1)).min(2).max(255)
const question = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('predicate'), category, instructions: z.string().min(1) }),
  z.strictObject({
    type: z.enum(['choice', 'score']),
    category,
    instructions: z.string().min(1),
    options: labels,
    harmful: z.array(z.string()).min(1).describe('the options that mean harm'),
  }),
])

/** One second opinion (`detectors:`). */
export const detectorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('moderation').describe('OpenAI-shaped moderation endpoint'), ...common, ...remote }),
  z.strictObject({
    kind: z.literal('judge').describe('a language model with a policy to judge by'),
    api: z.enum(['openai', 'anthropic']).default('openai'),
    policy: z.string().max(20_000).default('').describe('what counts as harm here, in words'),
    parameters: z.record(z.string(), z.unknown()).default({}).describe('further members of the request'),
    ...common,
    ...remote,
  }),
  z.strictObject({
    kind: z.literal('decisions').describe('endpoint of the shape of /v1/decisions'),
    questions: z.array(question).min(1).max(MOST_QUESTIONS).optional(),
    ...common,
    ...remote,
  }),
  z.strictObject({
    kind: z.literal('probe').describe('activation probes of a self-hosted model server, signed'),
    secret_env: variable,
    ...common,
    stages: z.array(z.literal('output')).min(1).default(['output']),
  }),
  z.strictObject({
    kind: z.literal('onnx').describe('guard model in ONNX, run here; needs the package @huggingface/transformers'),
    folder: z.string().min(1),
    files: z
      .record(z.string(), z.string().regex(/^[0-9a-f]{64}$/, 'wanted a SHA-256 in hex'))
      .describe('every file of the folder and its SHA-256'),
    dtype: z.enum(['fp32', 'fp16', 'q8', 'q4']).default('fp32'),
    activation: z.enum(['sigmoid', 'softmax']).default('softmax'),
    labels: z.record(z.string(), category).describe('labels of the model that mean harm, and which'),
    max_tokens: z.int().min(8).max(8192).default(512).describe('window of the model; longer texts are read in several'),
    max_chars: z.int().min(100).max(1_000_000).default(30_000),
    breaker,
    ...common,
  }),
])

export type DetectorConfig = z.infer<typeof detectorSchema>

/** Variables that a detector's configuration names. */
export function variablesOf(detector: DetectorConfig): readonly string[] {
  if (detector.kind === 'probe') return [detector.secret_env]
  if (detector.kind === 'onnx' || detector.credential_env === undefined) return []
  return [detector.credential_env]
}
