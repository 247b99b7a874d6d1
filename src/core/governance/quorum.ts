import { CodedError } from '../base/errors.ts'

/** A quorum that cannot be read. The message quotes where. */
export class QuorumError extends CodedError<'quorum_invalid'> {}

/** So many different people of any of these groups; with `silenceDays`, silence for so long counts as theirs. */
export interface Demand {
  readonly count: number
  readonly groups: readonly string[]
  readonly silenceDays: number | null
}

/** All demands must be met, each by people of its own. No demand: nobody is asked. */
export type Quorum = readonly Demand[]

/** One person's yes. Deputies come as their principal; a person who holds several roles comes with all of them. */
export interface Yes {
  readonly person: string
  readonly groups: readonly string[]
}

export interface Asked {
  readonly approvals: readonly Yes[]
  /** Groups from which somebody objected: their silence is none. */
  readonly objections: readonly string[]
  /** Days since they were asked. */
  readonly daysAsked: number
}

const MOST_CHARACTERS = 500
const MOST_PEOPLE = 50

/**
 * Reads a quorum: `none`, or terms joined by `+`; a term is `2 of technical`, `policy`, `1 of {a, b}`,
 * `legal (no_objection 5 d)`, or an expression in parentheses. `3 of (a + b)`: a and b, and three people in all.
 * @throws {QuorumError} anything else, more than 50 people, more than 500 characters.
 */
export function parseQuorum(text: string): Quorum {
  if (text.length > MOST_CHARACTERS) throw fault(`at most ${MOST_CHARACTERS} characters`)
  if (text.trim() === 'none') return []
  const reader = readerOf(text)
  const demands = expression(reader, 0)
  if (reader.peek() !== null) throw fault(`\`${reader.peek()}\` after the end`)
  if (demands.reduce((sum, { count }) => sum + count, 0) > MOST_PEOPLE) throw fault(`more than ${MOST_PEOPLE} people`)
  return demands
}

/**
 * True when every demand has its people, no person counted twice. Pure, total; one more approval never breaks it; the
 * order of approvals and of demands does not matter.
 */
export function quorumMet(quorum: Quorum, { approvals, objections, daysAsked }: Asked): boolean {
  const people = new Map<string, Set<string>>()
  for (const { person, groups } of approvals) {
    const known = people.get(person) ?? new Set()
    for (const group of groups) known.add(group)
    people.set(person, known)
  }
  const silent = ({ groups, silenceDays }: Demand) =>
    silenceDays !== null && daysAsked >= silenceDays && !groups.some((group) => objections.includes(group))
  const places = quorum
    .filter((demand) => !silent(demand))
    .flatMap(({ count, groups }) => Array.from({ length: count }, () => groups))
  return allPlaced(
    places.map((groups) =>
      [...people].flatMap(([person, held]) => (groups.some((group) => held.has(group)) ? [person] : [])),
    ),
  )
}

/** The quorum as it is read again. */
export function quorumText(quorum: Quorum): string {
  if (quorum.length === 0) return 'none'
  return quorum
    .map(({ count, groups, silenceDays }) => {
      const group = groups.length === 1 ? groups[0] : `{${groups.join(', ')}}`
      return `${count} of ${group}${silenceDays === null ? '' : ` (no_objection ${silenceDays} d)`}`
    })
    .join(' + ')
}

/** A different person for every place, or not: augmenting paths (Kuhn 1955). */
function allPlaced(candidates: readonly (readonly string[])[]): boolean {
  const placeOf = new Map<string, number>()
  const place = (at: number, tried: Set<string>): boolean => {
    for (const person of candidates[at]!) {
      if (tried.has(person)) continue
      tried.add(person)
      const held = placeOf.get(person)
      if (held === undefined || place(held, tried)) {
        placeOf.set(person, at)
        return true
      }
    }
    return false
  }
  return candidates.every((_, at) => place(at, new Set()))
}

interface Reader {
  peek(): string | null
  take(): string | null
}

function readerOf(text: string): Reader {
  const tokens = text.match(/[{}(),+]|[^\s{}(),+]+/g) ?? []
  let at = 0
  return { peek: () => tokens[at] ?? null, take: () => tokens[at++] ?? null }
}

function expression(reader: Reader, depth: number): Demand[] {
  if (depth > 8) throw fault('parentheses nested too deep')
  const demands = term(reader, depth)
  while (reader.peek() === '+') {
    reader.take()
    demands.push(...term(reader, depth))
  }
  return demands
}

function term(reader: Reader, depth: number): Demand[] {
  const count = /^\d+$/.test(reader.peek() ?? '') ? counted(reader) : null
  const inner = group(reader, depth, count)
  const silenceDays = reader.peek() === '(' ? silence(reader) : null
  return silenceDays === null ? inner : inner.map((demand) => ({ ...demand, silenceDays }))
}

function counted(reader: Reader): number {
  const count = Number(reader.take())
  if (count < 1 || count > MOST_PEOPLE) throw fault(`a count from 1 to ${MOST_PEOPLE}`)
  expect(reader, 'of')
  return count
}

function group(reader: Reader, depth: number, count: number | null): Demand[] {
  if (reader.peek() === '(') {
    reader.take()
    const inner = expression(reader, depth + 1)
    expect(reader, ')')
    const asked = inner.reduce((sum, demand) => sum + demand.count, 0)
    if (count === null || count <= asked) return inner
    const groups = [...new Set(inner.flatMap((demand) => demand.groups))]
    return [...inner, { count: count - asked, groups, silenceDays: null }]
  }
  return [{ count: count ?? 1, groups: reader.peek() === '{' ? set(reader) : [named(reader)], silenceDays: null }]
}

function set(reader: Reader): string[] {
  reader.take()
  const names = [named(reader)]
  while (reader.peek() === ',') {
    reader.take()
    names.push(named(reader))
  }
  expect(reader, '}')
  return [...new Set(names)]
}

function named(reader: Reader): string {
  const name = reader.take()
  if (name === null || !/^[a-z][a-z_-]{0,31}$/.test(name) || name === 'of' || name === 'none')
    throw fault(`a group where ${name === null ? 'it ends' : `\`${name}\` stands`}`)
  return name
}

function silence(reader: Reader): number {
  expect(reader, '(')
  expect(reader, 'no_objection')
  const days = reader.take() ?? ''
  const match = /^(\d{1,3})(d?)$/.exec(days)
  if (match === null) throw fault('days, as in `(no_objection 5 d)`')
  if (match[2] === '') expect(reader, 'd')
  expect(reader, ')')
  return Number(match[1])
}

function expect(reader: Reader, token: string): void {
  const found = reader.take()
  if (found !== token) throw fault(`\`${token}\` where ${found === null ? 'it ends' : `\`${found}\` stands`}`)
}

function fault(wanted: string): QuorumError {
  return new QuorumError('quorum_invalid', `quorum: wanted ${wanted}`)
}
