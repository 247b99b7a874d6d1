import type { Json } from './fences.ts'

const NAMES = /^(id|item_id|decision_id|request_id|reference_id)$/
const OURS =
  /^(receipt|respond_by|safeguard|url|appeal_url|enroll_url|brief_url|since|until|fallback_credit_token|created_at|created)$/
const WORDS = /^(text|explanation|refusal|message|deny_reason|content|delta)$/
/** Members that an answer may have or lack: told once known, or added by the client itself. */
const LOOSE = /^(where|sequence_number|index of record|output_text)$/

/**
 * What a value says once its ids, times, addresses, sentences and amounts are taken away, members in alphabetical order:
 * two answers of the same shape and meaning are equal.
 */
export function normal(value: unknown, member = '', under = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => normal(one, member, under))
  if (typeof value === 'string') return normalText(value, member)
  if (typeof value === 'number') {
    if (OURS.test(member)) return `<${member}>`
    // Whether an answer's tokens were counted at all is meaning; how many is not, and those of a request that was
    // stopped are known only where the upstream says them first.
    if (under === 'usage' && /^(input|prompt|total)_tokens$/.test(member)) return `<${member}>`
    return under === 'usage' ? Math.sign(value) : value
  }
  if (typeof value !== 'object' || value === null) return value
  const named = (name: string) => (member === 'record' && name === 'index' ? 'index of record' : name)
  const members = Object.entries(value).filter(([name]) => !LOOSE.test(named(name)))
  // Which categories a text falls into is the classifier's word.
  if (/categor/.test(member) && under === 'sluice') return '<scores>'
  if (member === 'categories' || member === 'category_scores')
    return Object.fromEntries(members.map(([name, held]) => [name, typeof held]))
  return Object.fromEntries(
    members
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, held]) => [name, normal(held, name, /^(usage|sluice)$/.test(member) ? member : under)]),
  )
}

function normalText(value: string, member: string): string {
  if (NAMES.test(member)) return value.replace(/^([a-z]+[_-]).*$/, '$1…')
  if (OURS.test(member)) return `<${member}>`
  if (member === 'model') return value.replace(/^(sluice\/[a-z]+-).*$/, '$1…')
  if (!WORDS.test(member) || value === '') return value
  return value.startsWith('\n\n') ? '\n\n<words>' : '<words>'
}

/** Events of a stream, with neighbouring deltas of one text as one, and without pings. */
export function normalEvents(events: readonly unknown[]): readonly unknown[] {
  const shapes = events.filter((event) => (event as Json).type !== 'ping').map((event) => normal(event))
  return shapes.filter((shape, i) => {
    const text = JSON.stringify(shape)
    return !(/delta/.test(text) && text.includes('<words>') && text === JSON.stringify(shapes[i - 1]))
  })
}
