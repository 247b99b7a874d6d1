import {
  count,
  DIALECT,
  hex256,
  list,
  modelName,
  name,
  object,
  oneOf,
  orNull,
  pair,
  type Schema,
  share,
  text,
  texts,
  time,
  tlp,
  withdrawn,
} from './parts.ts'

const reference = object({ type: oneOf('atlas', 'avid', 'jrx', 'url'), id: text(500) })
const score: Schema = { type: 'number', minimum: 0, maximum: 10 }
const difference: Schema = { type: 'number', minimum: -1, maximum: 1 }
const ratio: Schema = { type: 'number', minimum: 0, maximum: 1_000_000_000 }

export const assessment: Schema = object({
  by: name,
  at: time,
  harm: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,40}(\\.[a-z][a-z0-9-]{0,40}){0,2}$' },
  panel: orNull({ type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}@sha256:[0-9a-f]{64}$' }),
  vector: text(128),
  score: orNull(score),
  interval: orNull(pair(score)),
  band: orNull(oneOf('Info', 'Low', 'Medium', 'High', 'Critical')),
  uplift: orNull(
    object({
      u: difference,
      ci95: pair(difference),
      tasks: count,
      attempts: count,
      discordant: share,
      best_baseline: name,
      estimator: name,
      cost_ratio: ratio,
      cost_ratio_ci95: pair(ratio),
    }),
  ),
  reliability: orNull(object({ success: count, sessions: count, wilson95: pair(share) })),
})

export const recordSchema: Schema = {
  $schema: DIALECT,
  $id: 'urn:sluice:schema:record:1',
  title: 'Jailbreak record',
  ...object({
    schema_version: { type: 'string', pattern: '^1\\.[0-9]{1,3}$' },
    id: { type: 'string', pattern: '^JRX-[0-9]{4}-[0-9]{6}$' },
    modified: time,
    published: time,
    tlp,
    aliases: list(reference),
    related: list(reference),
    summary: texts(200),
    reporter: object({ org: name, contact: text(200) }),
    technique: object({
      class: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,63}$' },
      fingerprint: orNull({ type: 'string', pattern: '^hmac-sha256:[0-9a-f]{64}$' }),
      statutory: { type: 'boolean' },
    }),
    affected: list(object({ model: modelName, safeguard: object({ introduced: orNull(name), fixed: orNull(name) }) })),
    transfer: list(modelName),
    assessments: list(assessment, 200),
    severity: list(object({ type: oneOf('JSS_V1', 'CJS_DRAFT_2026_07'), score: text(200) }), 20),
    artefacts: list(
      object({ kind: oneOf('task-set', 'detector', 'cases'), sha256: hex256, access: text(200), len: count }, ['len']),
      200,
    ),
    disclosure: object(
      {
        reported_to_vendor: orNull(time),
        vendor_ack: orNull(time),
        embargo_until: orNull(time),
        authorities: list(object({ name, ground: text(200), sent: orNull(time) }), 100),
        clocks: list(object({ rule: text(200), due: time, met: orNull(time) }), 100),
        reply_offered: orNull(object({ at: time, proof: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' } })),
        fixed_at: orNull(time),
        extension: orNull(object({ days: { type: 'integer', minimum: 1, maximum: 30 }, reason: text(500) })),
      },
      ['reply_offered', 'fixed_at', 'extension'],
    ),
    legitimate_use: orNull(object({ share: oneOf('D', 'M', 'R'), note: { anyOf: [texts(500), text(500)] } })),
    withdrawn,
  }),
}
