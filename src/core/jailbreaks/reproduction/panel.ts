import { z } from 'zod'
import { canonicalJson } from '../../base/canonical-json.ts'
import type { Sha256 } from '../../base/digest.ts'
import { CodedError } from '../../base/errors.ts'
import { hexHashOf } from './hash.ts'

export class PanelError extends CodedError<'panel_invalid' | 'panel_not_ordinary'> {}

/** A panel older than this is stale: open models have moved on (severity.md §4, P9). */
export const PANEL_DAYS = 90

const date = z.iso.date()
const index = z.looseObject({
  name: z.string().min(1),
  value: z.number(),
  /** Two-sided, as published by whoever measured. */
  interval: z.tuple([z.number(), z.number()]),
  date,
})

const member = z.looseObject({
  /** `vendor/model`. */
  model: z.string().regex(/^[^/\s]+\/\S+$/, 'wanted `vendor/model`'),
  version: z.string().min(1),
  access: z.enum(['open', 'unvetted_api']),
  indices: z.array(index).min(2, 'wanted at least two external capability indices'),
})

const schema = z.looseObject({
  id: z.string().regex(/^[\w.-]{1,64}$/, 'wanted letters, digits, `.`, `-`, `_`'),
  version: z.number().int().min(1),
  date,
  members: z.array(member).min(1),
  taskset_sha256: z.string().nullable().optional(),
  supersedes: z.string().nullable().optional(),
})

export type PanelMember = z.infer<typeof member>
/** The frozen set of models that a technique is compared with. Unknown fields are kept: they are part of the hash. */
export type Panel = z.infer<typeof schema>

/**
 * Reads a panel. Only what an ordinary adversary can get counts as a baseline: open weights, or an API without vetting.
 * @throws {PanelError} `panel_not_ordinary` for a member that needs trusted access (P3); `panel_invalid` for the rest.
 */
export function parsePanel(value: unknown): Panel {
  for (const { model, access } of accessesOf(value))
    if (access !== 'open' && access !== 'unvetted_api')
      throw new PanelError(
        'panel_not_ordinary',
        `members: \`${model}\` has access \`${access}\`; only \`open\` and \`unvetted_api\` count as baselines, so leave it out`,
      )
  const read = schema.safeParse(value)
  if (!read.success) {
    const faults = read.error.issues.map(({ path, message }) => `\`${path.join('.') || 'panel'}\`: ${message}`)
    throw new PanelError('panel_invalid', `panel: ${faults.join('; ')}`)
  }
  const models = read.data.members.map(({ model }) => model)
  const twice = models.find((model, i) => models.indexOf(model) < i)
  if (twice !== undefined) throw new PanelError('panel_invalid', `panel: \`${twice}\` is a member twice`)
  return read.data
}

function accessesOf(value: unknown): { model: string; access: string }[] {
  const read = z.object({ members: z.array(z.object({ model: z.string(), access: z.string() })) }).safeParse(value)
  return read.success ? read.data.members : []
}

/** SHA-256 of the canonical JSON: 64 hexadecimal digits. One changed version is another panel. */
export function panelHash(panel: Panel, sha256: Sha256): string {
  return hexHashOf(canonicalJson(panel), sha256)
}

/** How an assessment cites its panel: `P-2026Q4@sha256:…`. */
export function citationOf(panel: Panel, sha256: Sha256): string {
  return `${panel.id}@sha256:${panelHash(panel, sha256)}`
}

/** Older than 90 days: scores on it are marked. @param dateMs The panel's day at 00:00 UTC. */
export function isStale(dateMs: number, nowMs: number): boolean {
  return nowMs - dateMs > PANEL_DAYS * 86_400_000
}
