import {
  DIALECT,
  hash,
  hex256,
  list,
  modelName,
  name,
  object,
  oneOf,
  orNull,
  type Schema,
  text,
  texts,
  time,
  tlp,
  withdrawn,
} from './parts.ts'
import { assessment } from './record.ts'

const reason = texts(2000)
const evidence = list(hash, 100)
const status = oneOf('affected', 'not_affected', 'fixed', 'under_investigation')
const missing = (language: 'en' | 'ja', has: 'en' | 'ja'): Schema => ({
  ...object({ [has]: text(4000), untranslated: { const: language } }),
  not: { required: [language] },
})

/** What each kind carries besides the members that all have. */
const CARRIES: Readonly<Record<string, Schema>> = {
  assessment: object({ assessment }),
  sighting: object({
    count: oneOf('1', '2-9', '10-99', '100+'),
    window: object({ from: time, to: time }),
    region: name,
  }),
  status: {
    ...object({ model: modelName, status }),
    if: { properties: { status: { const: 'not_affected' } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: object({
      justification: oneOf(
        'technique_not_reproducible',
        'model_not_offered',
        'blocked_by_safeguard',
        'no_uplift_in_context',
      ),
    }),
    else: { not: { required: ['justification'] } },
  },
  dispute: object({ claim: text(200), reason, evidence, checkpoints: list(text(20_000), 2), settled: orNull(time) }, [
    'checkpoints',
    'settled',
  ]),
  reply: object({ status, text: { anyOf: [texts(4000), missing('ja', 'en'), missing('en', 'ja')] }, evidence }, [
    'status',
  ]),
  correction: object({ claim: text(200), wrong: reason, right: reason, briefs: list(text(200), 1000) }),
  withdrawal_request: object({ reason }),
}

export const statementSchema: Schema = {
  $schema: DIALECT,
  $id: 'urn:sluice:schema:statement:1',
  title: 'Statement about an object',
  ...object(
    {
      id: { type: 'string', pattern: '^STM-[0-9]{4}-[0-9]{6}$' },
      kind: oneOf(...Object.keys(CARRIES)),
      about: object({ publisher: name, id: text(200), sha256: hex256 }),
      by: name,
      at: time,
      tlp,
      modified: time,
      withdrawn,
    },
    ['tlp', 'modified', 'withdrawn'],
  ),
  allOf: Object.entries(CARRIES).map(([kind, carries]) => ({
    if: { properties: { kind: { const: kind } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: carries,
  })),
}
