import { z } from 'zod'
import { oneOff } from '../../core/base/one-off.ts'

/** What is wrong, place by place. No value is repeated, since one of them may be a password. */
export function configFaults(error: z.ZodError, schema: z.ZodType): string {
  return error.issues
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `${placeOf([...issue.path, key])}: no such setting${meant(key, issue.path, schema)}`)
        : [`${placeOf(issue.path)}: ${wanted(issue.message)}`],
    )
    .join('; ')
}

function placeOf(path: readonly PropertyKey[]): string {
  return `\`${path.map(String).join('.') || 'file'}\``
}

/** The schema's own words say what was wanted; those of the library are put the same way. */
function wanted(message: string): string {
  return message.replace(/^Invalid (?:input|option): expected (.*?)(?:, received .*)?$/, 'wanted $1')
}

function meant(key: string, path: readonly PropertyKey[], schema: z.ZodType): string {
  let at: unknown = z.toJSONSchema(schema, { io: 'input' })
  for (const step of path) {
    const { properties, items, additionalProperties } = Object(at) as Record<string, unknown>
    at = typeof step === 'number' ? items : (Object(properties)[step] ?? additionalProperties)
  }
  const near = oneOff(key, Object.keys(Object(Object(at).properties) as object))
  return near === null ? '' : `; \`${near}\` is one`
}
