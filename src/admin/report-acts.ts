import { z } from 'zod'
import type { Act } from '../core/jailbreaks/registry/acts.ts'
import { targetOf } from '../core/jailbreaks/registry/intake.ts'
import { parseMeasurements } from '../core/jailbreaks/registry/measurements.ts'
import type { Registry } from '../jobs/registry.ts'

const oneLine = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'wanted one line of text')
const name = oneLine(128).min(1)
const hashes = z
  .array(z.string().regex(/^sha256:[0-9a-f]{64}$/))
  .max(100)
  .default([])
const text = (most: number) =>
  z.strictObject({ en: oneLine(most).min(1).optional(), ja: oneLine(most).min(1).optional() })
/** Absent and undefined are one here: JSON has no undefined. */
const said = ({ en, ja }: { en?: string | undefined; ja?: string | undefined }) => ({
  ...(en === undefined ? {} : { en }),
  ...(ja === undefined ? {} : { ja }),
})

/** Who does it, and why. */
export const asking = {
  by: oneLine(100).min(1).default('operator'),
  reason: oneLine(1000).min(3, 'say why, in at least 3 characters'),
}

type Plain = Exclude<Act, { kind: 'publish' }>
interface Reading {
  readonly registry: Registry
  readonly id: string
  readonly nowMs: number
}

/** Body of an act, and the act that it asks for. */
function of<Shape extends z.ZodRawShape>(
  shape: Shape,
  make: (body: z.infer<z.ZodObject<Shape>>, at: Reading) => Plain | Promise<Plain>,
) {
  const schema = z.strictObject({ ...shape, ...asking })
  // The schema has just read the body; its own shape is what `make` is given.
  return { schema, make: make as (body: unknown, at: Reading) => Plain | Promise<Plain> }
}

/** Acts by their name in the address. */
export const ACTS = {
  acknowledge: of({}, () => ({ kind: 'acknowledge' })),
  triage: of({}, () => ({ kind: 'triage' })),
  reproduce: of({}, () => ({ kind: 'reproduce' })),
  assess: of(
    {
      vector: z.string().max(200),
      org: name.optional(),
      harm: name.optional(),
      target: oneLine(500).min(1).optional(),
      measurements: z.json().optional(),
    },
    async (body, { registry, id }) => {
      const { case: one } = await registry.show(id)
      const filed = body.measurements === undefined ? null : parseMeasurements(body.measurements)
      return {
        kind: 'assess',
        filed: {
          by: body.org ?? registry.rules.self,
          ...{ target: body.target ?? targetOf(one), harm: body.harm ?? one.harm, vector: body.vector },
          ...{ panel: filed?.panel ?? null, measured: filed?.measured ?? null },
        },
      }
    },
  ),
  respond: of({}, () => ({ kind: 'respond' })),
  fix: of({ release: name }, ({ release }) => ({ kind: 'fix', release })),
  translate: of({ summary: text(200) }, ({ summary }) => ({ kind: 'translate', summary: said(summary) })),
  notify: of(
    { vendor: name, proof: z.string().max(80), compelledBy: name.optional() },
    ({ vendor, proof, compelledBy }) => ({ kind: 'notify', vendor, proof, compelledBy: compelledBy ?? null }),
  ),
  'vendor-ack': of({}, () => ({ kind: 'vendor_ack' })),
  extend: of({ days: z.number() }, ({ days }) => ({ kind: 'extend', days })),
  authority: of({ name, ground: name, sent: z.boolean().default(false) }, (body) => ({
    ...{ kind: 'authority', name: body.name, ground: body.ground, sent: body.sent },
  })),
  'start-clock': of({ clock: name, sinceMs: z.number().int().min(0).optional() }, ({ clock, sinceMs }, { nowMs }) => ({
    ...{ kind: 'start_clock', clock, sinceMs: sinceMs ?? nowMs },
  })),
  'meet-clock': of({ clock: name }, ({ clock }) => ({ kind: 'meet_clock', clock })),
  reply: of({ org: name, text: text(4000), status: name.optional(), evidence: hashes }, (body) => ({
    ...{ kind: 'reply', org: body.org, text: said(body.text), status: body.status ?? null, evidence: body.evidence },
  })),
  dispute: of({ org: name, claim: oneLine(200).min(1), evidence: hashes }, ({ org, claim, evidence }) => ({
    ...{ kind: 'dispute', org, claim, evidence },
  })),
  settle: of({ statement: name }, ({ statement }) => ({ kind: 'settle', statement })),
  correct: of(
    {
      ...{ org: name.optional(), claim: oneLine(200).min(1), wrong: oneLine(2000).min(1), right: oneLine(2000).min(1) },
      briefs: z.array(oneLine(200).min(1)).max(1000).default([]),
    },
    ({ org, claim, wrong, right, briefs }, { registry }) => ({
      ...{ kind: 'correct', org: org ?? registry.rules.self, claim, wrong, right, briefs },
    }),
  ),
  'ask-withdrawal': of({ org: name }, ({ org }) => ({ kind: 'ask_withdrawal', org })),
  'answer-withdrawal': of({ statement: name }, ({ statement }) => ({ kind: 'answer_withdrawal', statement })),
  withdraw: of({}, () => ({ kind: 'withdraw' })),
} as const satisfies Readonly<Record<string, ReturnType<typeof of>>>
