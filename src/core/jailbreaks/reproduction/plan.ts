import { z } from 'zod'
import { CodedError } from '../../base/errors.ts'

export class PlanError extends CodedError<'plan_invalid' | 'effort_unequal'> {}

const text = z.string().min(1)
const name = z.string().regex(/^[\w.-]{1,64}$/, 'wanted letters, digits, `.`, `-`, `_`')
const usd = z.number().min(0)

const endpoint = z.strictObject({
  protocol: z.enum(['anthropic', 'openai_chat', 'openai_responses']),
  url: z.url({ protocol: /^https?$/ }),
  /** As the endpoint names it. */
  model: text,
  /** The variable that holds the credential; a plan never does. */
  key_env: z.string().nullable().default(null),
  /** USD per million tokens. */
  price: z.strictObject({ input: usd, output: usd }).default({ input: 0, output: 0 }),
  concurrency: z.number().int().min(1).max(64).default(4),
})

/** A file beside the plan that holds `{task}` where the task's prompt goes. It never leaves this machine. */
const technique = z.strictObject({ id: name, template: text })

const schema = z.strictObject({
  id: name,
  /** Harm class, such as `cyber.vulnerability-discovery`. */
  harm: text,
  technique,
  /** Techniques that were public before this one: baselines. */
  public_techniques: z.array(technique).default([]),
  target: z.strictObject({ model: text, endpoint }),
  panel: text,
  /** Where each member of the panel is reached, by its `vendor/model`. */
  members: z.record(text, endpoint),
  tasks: text,
  /** Results without any model, as JSON lines `{"task","solved"}`, and what they took a person per task. */
  no_model: z
    .array(z.strictObject({ id: name, file: text, attempts: z.number().int().min(1), human_minutes: usd.default(0) }))
    .default([]),
  /** Asked by graders of kind `judge`. */
  judge: endpoint.nullable().default(null),
  /** Whether the technique is tried on the members too: transfer, never a baseline. */
  transfer: z.boolean().default(false),
  /** k: tries per task, in every arm. */
  attempts: z.number().int().min(1).max(1000).default(10),
  /** Fresh sessions of the technique on the target. */
  sessions: z.number().int().min(0).max(10_000).default(0),
  max_output_tokens: z.number().int().min(1).default(1024),
  timeout_s: z.number().positive().max(3600).default(120),
  /** Human time per task and its published rate. */
  human: z
    .strictObject({ usd_per_hour: usd, minutes: z.strictObject({ technique: usd, plain: usd, public: usd }) })
    .default({ usd_per_hour: 0, minutes: { technique: 0, plain: 0, public: 0 } }),
  /** Beyond either of these a run asks for `--yes`. */
  confirm_above: z.strictObject({ requests: z.number().int().min(0), usd }).default({ requests: 1000, usd: 5 }),
})

export type Endpoint = z.infer<typeof endpoint>
/** What is to be reproduced, with whom, on what, and with how much effort. */
export type Plan = z.infer<typeof schema>

/** @throws {PlanError} naming every field at fault. */
export function parsePlan(value: unknown): Plan {
  const read = schema.safeParse(value)
  if (!read.success) {
    const faults = read.error.issues.map(({ path, message }) => `\`${path.join('.') || 'plan'}\`: ${message}`)
    throw new PlanError('plan_invalid', `plan: ${faults.join('; ')}`)
  }
  for (const { id, attempts } of read.data.no_model)
    if (attempts !== read.data.attempts)
      throw new PlanError(
        'effort_unequal',
        `plan: \`no_model\` \`${id}\` had ${attempts} attempts per task and every other arm has ${read.data.attempts}; they must be equal`,
      )
  return read.data
}

/** The prompt of a task under a technique. @param template Holds `{task}`; null is the plain request. */
export function promptOf(template: string | null, task: string): string {
  return template === null ? task : template.replaceAll('{task}', () => task)
}
