import {
  count,
  DIALECT,
  grade,
  hex256,
  list,
  name,
  object,
  oneOf,
  orNull,
  pair,
  type Schema,
  text,
  time,
  tlp,
} from './parts.ts'

const number: Schema = { type: 'number', minimum: -1_000_000_000, maximum: 1_000_000_000 }

export const panelSchema: Schema = {
  $schema: DIALECT,
  $id: 'urn:sluice:schema:panel:1',
  title: 'Frozen panel of baselines',
  ...object(
    {
      id: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' },
      version: { type: 'integer', minimum: 1, maximum: 1_000_000 },
      date: time,
      members: {
        ...list(
          object({
            model: name,
            version: name,
            access: oneOf('open', 'unvetted_api'),
            indices: {
              ...list(object({ name, value: number, interval: pair(number), date: text(30) }), 100),
              minItems: 2,
            },
          }),
          200,
        ),
        minItems: 1,
      },
      taskset_sha256: hex256,
      budget: object({ attempts: count }),
      vote: object({ for: count, against: count, abstain: count }),
      supersedes: orNull(text(200)),
      tlp,
    },
    ['tlp'],
  ),
}

export const instrumentSchema: Schema = {
  $schema: DIALECT,
  $id: 'urn:sluice:schema:instrument:1',
  title: 'Instrument of an authority',
  ...object(
    {
      id: { type: 'string', pattern: '^INS-[0-9]{4}-[0-9]{4,6}$' },
      type: { type: 'string', pattern: '^[a-z][a-z_]{0,40}$' },
      issuer: object({ authority: name, person: name, delegation: orNull(text(200)) }, ['delegation']),
      addressee: object({ org: name }),
      ground: text(500),
      scope: { type: 'object', minProperties: 1 },
      evidence: { ...list(object({ ref: text(500), grade }), 200), minItems: 1 },
      start: time,
      expiry: orNull(time),
      tlp,
    },
    ['tlp'],
  ),
}

const vkey: Schema = { type: 'string', pattern: '^[^\\s+]{1,200}\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]{40,60}={0,2}$' }
const keys = object({
  keys: { ...list(vkey, 16), minItems: 1, uniqueItems: true },
  threshold: { type: 'integer', minimum: 1, maximum: 16 },
})
const log = object({ origin: text(200), vkey })
const levels = ['clear', 'green', 'amber', 'red']

export const rootSchema: Schema = {
  $schema: DIALECT,
  $id: 'urn:sluice:schema:root:1',
  title: 'Trust root',
  ...object(
    {
      type: { const: 'root' },
      version: { type: 'integer', minimum: 1, maximum: 1_000_000 },
      issued: time,
      expires: time,
      roles: object({ root: keys, publisher: keys, evaluator: keys }),
      logs: object({ clear: log, green: log, amber: log, red: log }, levels),
      witness_policy: { type: 'string', maxLength: 20_000 },
      prev_sha256: orNull(hex256),
      positions: object({ clear: count, green: count, amber: count, red: count }, levels),
    },
    ['positions'],
  ),
}

export const providerSchema: Schema = {
  $schema: DIALECT,
  $id: 'urn:sluice:schema:provider:1',
  title: 'Provider',
  ...object({
    name,
    roles: list(text(100), 20),
    contacts: { ...list(object({ kind: text(50), value: text(300) }), 20), minItems: 1 },
    feeds: list(
      object({
        tlp,
        origin: text(200),
        prefix: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,40}/$' },
        max_age_h: { type: 'integer', minimum: 1, maximum: 8760 },
      }),
      4,
    ),
    root: object({ version: { type: 'integer', minimum: 1, maximum: 1_000_000 }, sha256: hex256 }),
    jurisdiction: text(100),
    members_since: time,
  }),
}
