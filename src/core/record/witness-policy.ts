import { hex } from '../base/bytes.ts'
import type { Sha256 } from '../base/digest.ts'
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from './note-key.ts'
import { RecordError } from './record-error.ts'

/** Whose logs one reads, and whose witness one asks for. Source: C2SP `tlog-policy.md`. */
export interface Policy {
  readonly logs: readonly { readonly key: VerifierKey; readonly url: string | null }[]
  readonly witnesses: readonly { readonly name: string; readonly key: VerifierKey; readonly url: string | null }[]
  readonly groups: readonly Group[]
  /** Name of a witness or group, or null: none is asked for. */
  readonly quorum: string | null
}

export interface Group {
  readonly name: string
  /** Members that have to agree. */
  readonly needs: number
  readonly members: readonly string[]
}

/** A reader must take 32 of each. */
const MOST_LINES = 1024

/**
 * Reads a policy file. Names are defined before they are used; each is a member once; no public key is there twice,
 * since a key in two roles could stand in for another.
 * @throws {RecordError} `malformed`, with the line; `key_mismatch`.
 */
export function parsePolicy(sha256: Sha256, text: string): Policy {
  const logs: Policy['logs'][number][] = []
  const witnesses: Policy['witnesses'][number][] = []
  const groups: Group[] = []
  let quorum: string | null | undefined
  const names = new Set<string>()
  const members = new Set<string>()
  const publicKeys = new Set<string>()
  const lines = text.split('\n')
  if (lines.length > MOST_LINES) throw new RecordError('malformed', `policy: wanted at most ${MOST_LINES} lines`)
  for (const [i, raw] of lines.entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const fault = (what: string) => new RecordError('malformed', `policy, line ${i + 1}: ${what}`)
    const [word, ...rest] = line.split(/[ \t]+/)
    const keyOf = (encoded: string, type: VerifierKey['type']) => {
      const key = parseVerifierKey(sha256, encoded)
      if (key.type !== type) throw fault(`wanted a key of type ${type}`)
      const bytes = hex(key.publicKey)
      if (publicKeys.has(bytes)) throw fault('has a public key that is there already')
      publicKeys.add(bytes)
      return key
    }
    const define = (name: string) => {
      if (name === 'none' || names.has(name)) throw fault(`\`${name}\` is taken`)
      names.add(name)
    }
    if (word === 'log' && (rest.length === 1 || rest.length === 2))
      logs.push({ key: keyOf(rest[0]!, 'note'), url: rest[1] ?? null })
    else if (word === 'witness' && (rest.length === 2 || rest.length === 3)) {
      define(rest[0]!)
      witnesses.push({ name: rest[0]!, key: keyOf(rest[1]!, 'cosignature'), url: rest[2] ?? null })
    } else if (word === 'group' && rest.length >= 3) {
      const [name, rule, ...of] = rest as [string, string, ...string[]]
      for (const member of of) {
        if (!names.has(member)) throw fault(`\`${member}\` is not defined before`)
        if (members.has(member)) throw fault(`\`${member}\` is a member already`)
        members.add(member)
      }
      define(name)
      const needs = rule === 'any' ? 1 : rule === 'all' ? of.length : /^[1-9]\d{0,3}$/.test(rule) ? Number(rule) : 0
      if (needs < 1 || needs > of.length) throw fault(`wanted any, all, or 1 to ${of.length}`)
      groups.push({ name, needs, members: of })
    } else if (word === 'quorum' && rest.length === 1) {
      if (quorum !== undefined) throw fault('has a second quorum')
      if (rest[0] !== 'none' && !names.has(rest[0]!)) throw fault(`\`${rest[0]}\` is not defined before`)
      quorum = rest[0] === 'none' ? null : rest[0]!
    } else throw fault('wanted log, witness, group or quorum')
  }
  if (quorum === undefined) throw new RecordError('malformed', 'policy: wanted one quorum line, at least `quorum none`')
  return { logs, witnesses, groups, quorum }
}

/** As a file that `parsePolicy` reads back. */
export function formatPolicy({ logs, witnesses, groups, quorum }: Policy): string {
  const of = (url: string | null) => (url === null ? '' : ` ${url}`)
  const lines = [
    ...logs.map(({ key, url }) => `log ${formatVerifierKey(key)}${of(url)}`),
    ...witnesses.map(({ name, key, url }) => `witness ${name} ${formatVerifierKey(key)}${of(url)}`),
    ...groups.map(({ name, needs, members }) => `group ${name} ${needs} ${members.join(' ')}`),
    `quorum ${quorum ?? 'none'}`,
  ]
  return `${lines.join('\n')}\n`
}

/** Have enough witnesses signed? Pure, and more signatures never break it. */
export function quorumMet({ witnesses, groups, quorum }: Policy, signed: readonly VerifierKey[]): boolean {
  if (quorum === null) return true
  const met = new Map<string, boolean>(
    witnesses.map(({ name, key }) => [name, signed.some((one) => one.name === key.name && one.id === key.id)]),
  )
  // Members are defined before their group.
  for (const { name, needs, members } of groups)
    met.set(name, members.filter((member) => met.get(member) === true).length >= needs)
  return met.get(quorum) === true
}
