import { createRequire } from 'node:module'
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js'
import type { PayloadKind } from '../../core/jailbreaks/exchange/payload-types.ts'
import { SCHEMAS } from '../../core/jailbreaks/exchange/schemas/schemas.ts'

const require = createRequire(import.meta.url)
let ajv: Ajv2020 | null = null
/** Loaded and compiled when first asked for: all of it takes half a second, and a start has no payload to check. */
const checks = new Map<PayloadKind, ValidateFunction>()

function checkOf(kind: PayloadKind): ValidateFunction {
  const known = checks.get(kind)
  if (known !== undefined) return known
  ajv ??= open()
  const check = ajv.compile(SCHEMAS[kind])
  checks.set(kind, check)
  return check
}

function open(): Ajv2020 {
  const { Ajv2020 } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
  return new Ajv2020({
    ...{ allErrors: false, strict: true, strictRequired: false, strictTypes: false },
    allowUnionTypes: true,
  })
}

/** The first fault of a payload against its schema, with its place and never its value; null: none. */
export function schemaFault(kind: PayloadKind, value: unknown): string | null {
  const check = checkOf(kind)
  if (check(value)) return null
  const { instancePath, message } = check.errors![0]!
  return `\`${instancePath.slice(1).replaceAll('/', '.') || kind}\` ${message ?? 'does not fit the schema'}`
}
