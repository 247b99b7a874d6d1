import { timeText } from '../core/jailbreaks/exchange/time.ts'
import type { OverrideTerms } from '../core/jailbreaks/registry/override-terms.ts'
import { isAbovePrescription } from '../core/jailbreaks/severity/override.ts'
import { table } from './command.ts'

/** All that somebody signs for, as a terminal shows it before they do. @param names Of people, where they are known. */
export function overrideText(
  terms: OverrideTerms,
  sha256: string,
  signed: readonly string[],
  names: ReadonlyMap<string, string> = new Map(),
): string {
  const named = (id: string) => (names.has(id) ? `${id} (${names.get(id)})` : id)
  const above = isAbovePrescription(terms) ? ', above what is prescribed' : ''
  return table([
    ['override', terms.id],
    ['report', `${terms.record}, registry of ${terms.org}`],
    ['prescribed', terms.prescribed],
    ['instead', `${terms.action}${above}`],
    ['reason', terms.reason],
    ['from, until', `${timeText(terms.issuedAtMs)}, ${timeText(terms.expiresAtMs)}`],
    ...terms.evidence.map(({ ref, grade, sha256: hash }) => ['evidence', `${ref}, grade ${grade}, sha256:${hash}`]),
    ['to be signed by', terms.by.map(named).join(' and ')],
    ['signed by', signed.map(named).join(' and ') || 'nobody yet'],
    ['text', `sha256:${sha256}`],
  ])
}
