import { replaceIn, replaceTopLevel } from './json.ts'
import { isRecord, type Json } from './values.ts'

/**
 * The JSON without members named `sluice` at its top or in its `response`: what stands there speaks for this gateway,
 * so an upstream may not write it. Everything else keeps its bytes.
 *
 * @param value The same JSON, parsed. @returns the text itself where there is nothing to remove.
 */
export function withoutSluice(text: string, value: Json): string {
  const { response } = value
  const nested = isRecord(response) && 'sluice' in response
  if (!('sluice' in value) && !nested) return text
  const raw: Record<string, string> = {}
  if (nested) raw.response = replaceIn({ text, value }, 'response', { remove: ['sluice'] })
  return replaceTopLevel({ text, value }, { remove: ['sluice'], raw })
}
