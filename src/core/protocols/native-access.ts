import type { Dialect } from '../conversation/exchange.ts'
import type { WireError } from './adapter.ts'
import { isRecord, type Json } from './values.ts'
import { wireErrors } from './wire-errors.ts'

/**
 * Native ways to choose under whose access a request is made (wire.md §5.9). Behind the operator's credential they would
 * choose among what the vendor gave to the operator, so there they choose nothing. What only names an end customer
 * (`safety_identifier`, `OpenAI-Safety-Identifier`, `user`, `metadata.user_id`) is not one of them.
 */
interface Natives {
  /** Headers and members that name a profile with an access of its own. */
  readonly profileHeaders: readonly string[]
  readonly profileMembers: readonly string[]
  /** Members that name a programme of access for each kind of harm. */
  readonly programmeMembers: readonly string[]
  /** Headers that choose a part of an account. They belong to the credential, and end where it ends. */
  readonly accountHeaders: readonly string[]
  /** Headers that name an end customer. */
  readonly customerHeaders: readonly string[]
}

const NATIVE: Readonly<Record<Dialect, Natives>> = {
  anthropic: {
    profileHeaders: ['anthropic-user-profile-id'],
    profileMembers: ['user_profile_id'],
    programmeMembers: [],
    accountHeaders: ['anthropic-workspace-id'],
    customerHeaders: [],
  },
  openai: {
    profileHeaders: [],
    profileMembers: [],
    programmeMembers: ['access_programs'],
    accountHeaders: ['openai-organization', 'openai-project'],
    customerHeaders: ['openai-safety-identifier'],
  },
}

/** The programme that everybody has. */
const STANDARD = 'standard'

const namesOf = ({ profileHeaders, accountHeaders, customerHeaders }: Natives): ReadonlySet<string> =>
  new Set([...profileHeaders, ...accountHeaders, ...customerHeaders])
const FOREIGN: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  anthropic: namesOf(NATIVE.openai),
  openai: namesOf(NATIVE.anthropic),
}
const CHOOSING: ReadonlySet<string> = new Set(
  Object.values(NATIVE).flatMap(({ profileHeaders, accountHeaders }) => [...profileHeaders, ...accountHeaders]),
)

/** Whether a header names somebody to another vendor than the one that is asked. @param name Lower case. */
export function isForeign(name: string, dialect: Dialect): boolean {
  return FOREIGN[dialect].has(name)
}

/** Whether a header chooses among what the account that is asked has. @param name Lower case. */
export function choosesAccess(name: string): boolean {
  return CHOOSING.has(name)
}

/** What is said to a caller that chooses an access which it was not given; null for one that chooses none. */
export function chosenByHeader(dialect: Dialect, headers: Readonly<Record<string, string>>): WireError | null {
  for (const name of NATIVE[dialect].profileHeaders) if (headers[name]) return wireErrors.profileUnknown(name)
  return null
}

/** The same for a body: of a request, or of one item of a batch. */
export function chosenByBody(dialect: Dialect, body: Json): WireError | null {
  const { profileMembers, programmeMembers } = NATIVE[dialect]
  for (const name of profileMembers) if (isGiven(body[name])) return wireErrors.profileUnknown(name)
  for (const name of programmeMembers) if (!isStandard(body[name])) return wireErrors.programmeDenied(name)
  return null
}

function isStandard(programmes: unknown): boolean {
  if (!isRecord(programmes)) return !isGiven(programmes)
  return Object.values(programmes).every((one) => one === STANDARD || !isGiven(one))
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}
