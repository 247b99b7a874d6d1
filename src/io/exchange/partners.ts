import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { CodedError } from '../../core/base/errors.ts'
import { LEVELS, type Level } from '../../core/jailbreaks/exchange/tlp.ts'
import type { PartnerStore } from '../../jobs/feed/ports.ts'
import { partnerFolder } from './partner-folder.ts'
import { readWhole, writeWhole } from './whole-file.ts'

/** A partner that cannot be pinned or found. */
export class PartnerError extends CodedError<'invalid' | 'unknown' | 'pinned'> {}

const partnerSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][\w./-]{0,100}$/, 'wanted letters, digits, dot, dash, slash or underscore'),
  source: z.string().min(1).max(2000),
  root: z.string().regex(/^[0-9a-f]{64}$/, 'wanted the 64 hex digits of its first root'),
  levels: z.array(z.enum(LEVELS)).min(1),
  /** Who compared the hash over a second channel, and when. */
  by: z.string().min(1).max(200),
  how: z.string().min(3).max(500),
  at: z.string(),
  /** Name of the environment variable that holds the token of levels that are not open. */
  tokenEnv: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,100}$/, 'wanted the name of an environment variable')
    .nullable(),
})

/** A partner as a person pinned it. */
export interface Partner {
  readonly name: string
  readonly source: string
  readonly root: string
  readonly levels: readonly Level[]
  readonly by: string
  readonly how: string
  readonly at: string
  readonly tokenEnv: string | null
}

export interface KnownPartner {
  readonly partner: Partner
  readonly store: PartnerStore & { readonly mirror: string }
  readonly folder: string
}

export function feedsFolder(dataFolder: string): string {
  return join(dataFolder, 'feeds')
}

/** Every partner that is pinned, by name. */
export async function readPartners(dataFolder: string): Promise<readonly KnownPartner[]> {
  const folder = join(feedsFolder(dataFolder), 'partners')
  const names = await readdir(folder).catch(() => [])
  const found = await Promise.all(names.sort().map((name) => readPartner(join(folder, name))))
  return found.filter((one) => one !== null)
}

async function readPartner(folder: string): Promise<KnownPartner | null> {
  const bytes = await readWhole(join(folder, 'partner.json'), 65_536)
  if (bytes === null) return null
  const partner = parsed(JSON.parse(new TextDecoder().decode(bytes)))
  return { partner, store: partnerFolder(folder), folder }
}

/**
 * Pins a partner. Its first root is trusted from now on because a person compared its hash, and that is written down.
 * A partner that is pinned keeps its root: to pin another one, its folder is removed by hand, with what it knew.
 * @throws {PartnerError}
 */
export async function pinPartner(dataFolder: string, given: Partner): Promise<KnownPartner> {
  const partner = parsed(given)
  const folder = join(feedsFolder(dataFolder), 'partners', encodeURIComponent(partner.name))
  const before = await readPartner(folder)
  if (before !== null && before.partner.root !== partner.root)
    throw new PartnerError('pinned', `${partner.name}: is pinned to another root; remove ${folder} to begin again`)
  await writeWhole(
    join(folder, 'partner.json'),
    new TextEncoder().encode(`${JSON.stringify(partner, null, 2)}\n`),
    true,
  )
  return { partner, store: partnerFolder(folder), folder }
}

function parsed(value: unknown): Partner {
  const result = partnerSchema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `\`${path.join('.') || 'partner'}\`: ${message}`)
  throw new PartnerError('invalid', faults.join('; '))
}
