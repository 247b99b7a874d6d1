/** How one member of an entry's `d` is written. With `?` it may be left out; null is never written. */
export type MemberRule = Shape | `${Shape}?`

/**
 * `text`: at most 256 characters. `count`: an integer, not negative. `time`: RFC 3339, UTC, milliseconds. `hash`:
 * `sha256:` and 64 hex digits. `commitment`: `hmac-sha256:` and 64 hex digits. `texts`: a list of them. `counts`,
 * `words`, `hashes`: an object of counts, texts, hashes. `scope`: an object of lists of texts.
 */
type Shape =
  | 'text'
  | 'count'
  | 'flag'
  | 'time'
  | 'hash'
  | 'commitment'
  | 'texts'
  | 'counts'
  | 'words'
  | 'hashes'
  | 'scope'

const TRUST = {
  grant: 'text',
  scopes: 'texts',
  expiry: 'time?',
  parent: 'text?',
  terms: 'text?',
  org: 'commitment?',
} as const
const REGISTRY = { object: 'hash', publisher: 'text?', vector: 'text?', panel: 'text?', kind: 'text?' } as const
const PUBLISHED = { documents: 'hashes', claims: 'texts?', corrects: 'text?' } as const
const EXERCISE = { target: 'text', result: 'text', ms: 'count' } as const

/** Every kind of entry, with the closed set of what its `d` may hold (record.md §1). */
export const ENTRY_KINDS = {
  decision: {
    action: 'text',
    would: 'text',
    mode: 'text',
    reasons: 'texts',
    category: 'text?',
    decided: 'time',
    safeguards: 'words',
    asked: 'text',
    served: 'text?',
    skipped: 'texts',
    unavailable: 'texts',
    exchange: 'commitment?',
    org: 'commitment',
  },
  rollup: {
    segment: 'text',
    from: 'time',
    until: 'time',
    count: 'count',
    actions: 'counts',
    would: 'counts',
    input_tokens: 'count',
    output_tokens: 'count',
    micro_usd: 'count?',
    receipts: 'hash',
  },
  appeal: { appeal: 'text', decision: 'text', move: 'text', from: 'text', to: 'text', outcome: 'text?', role: 'text' },
  review: { item: 'text', decision: 'text', outcome: 'text', role: 'text' },
  label: {
    label: 'text',
    category: 'text',
    decision: 'text',
    item: 'text?',
    source: 'text',
    outcome: 'text',
    role: 'text',
  },
  safeguard: {
    move: 'text',
    from: 'text',
    to: 'text',
    slot: 'text',
    label: 'text?',
    bundle: 'hash?',
    manifest: 'hash?',
    gates: 'words?',
    single_person: 'flag?',
  },
  instrument: {
    type: 'text',
    scope: 'scope?',
    effect: 'text?',
    start: 'time?',
    expiry: 'time?',
    ends: 'text?',
    marks: 'texts?',
  },
  availability: {
    model: 'text',
    population: 'text',
    move: 'text',
    from: 'text',
    to: 'text',
    cause: 'hash?',
  },
  grant: TRUST,
  delegation: TRUST,
  revocation: TRUST,
  price: { table: 'hash', effective: 'text', notice: 'text' },
  report: REGISTRY,
  statement: REGISTRY,
  assessment: REGISTRY,
  sync: { origin: 'text', before: 'count', size: 'count', root: 'hash', applied: 'count', quarantined: 'count' },
  brief: PUBLISHED,
  digest: PUBLISHED,
  correction: PUBLISHED,
  authority: { version: 'count', hash: 'hash' },
  key: { key: 'text', move: 'text', purpose: 'text', subject: 'commitment?', ground: 'text?' },
  probe: EXERCISE,
  drill: EXERCISE,
  rehearsal: EXERCISE,
  alarm: { code: 'text', subject: 'text?' },
  model_refusal: { decision: 'text', model: 'text', category: 'text?' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, MemberRule>>>>

export type EntryKind = keyof typeof ENTRY_KINDS

export function isEntryKind(name: unknown): name is EntryKind {
  return typeof name === 'string' && Object.hasOwn(ENTRY_KINDS, name)
}

/** Name of the first member of `d` that its kind does not allow or that is missing, or null. */
export function wrongMember(kind: EntryKind, d: Readonly<Record<string, unknown>>): string | null {
  const rules: Readonly<Record<string, MemberRule>> = ENTRY_KINDS[kind]
  for (const [name, rule] of Object.entries(rules)) {
    const optional = rule.endsWith('?')
    if (d[name] === undefined ? !optional : !FITS[rule.replace('?', '') as Shape](d[name])) return name
  }
  return Object.keys(d).find((name) => !Object.hasOwn(rules, name)) ?? null
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const HASH = /^sha256:[0-9a-f]{64}$/
const MOST_TEXT = 256

export function isTime(value: unknown): value is string {
  return typeof value === 'string' && TIME.test(value)
}

export function isHashName(value: unknown): value is `sha256:${string}` {
  return typeof value === 'string' && HASH.test(value)
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= MOST_TEXT
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const objectOf = (fits: (member: unknown) => boolean) => (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(fits)

const FITS: Readonly<Record<Shape, (value: unknown) => boolean>> = {
  text: isText,
  count: isCount,
  flag: (value) => typeof value === 'boolean',
  time: isTime,
  hash: isHashName,
  commitment: (value) => typeof value === 'string' && /^hmac-sha256:[0-9a-f]{64}$/.test(value),
  texts: isTexts,
  counts: objectOf(isCount),
  words: objectOf(isText),
  hashes: objectOf(isHashName),
  scope: objectOf(isTexts),
}
