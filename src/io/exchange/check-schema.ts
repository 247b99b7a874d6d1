import { Ajv2020 } from 'ajv/dist/2020.js'
import { PAYLOAD_KINDS, type PayloadKind } from '../../core/jailbreaks/exchange/payload-types.ts'
import { SCHEMAS } from '../../core/jailbreaks/exchange/schemas/schemas.ts'

const ajv = new Ajv2020({
  allErrors: false,
  strict: true,
  strictRequired: false,
  strictTypes: false,
  allowUnionTypes: true,
})
const CHECKS = Object.fromEntries(PAYLOAD_KINDS.map((kind) => [kind, ajv.compile(SCHEMAS[kind])]))

/** The first fault of a payload against its schema, with its place and never its value; null: none. */
export function schemaFault(kind: PayloadKind, value: unknown): string | null {
  const check = CHECKS[kind]!
  if (check(value)) return null
  const { instancePath, message } = check.errors![0]!
  return `\`${instancePath.slice(1).replaceAll('/', '.') || kind}\` ${message ?? 'does not fit the schema'}`
}
