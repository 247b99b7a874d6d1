import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'

/**
 * Which room may import which: the architecture, as data. A room is the longest prefix of a file's path that is a key.
 * A room always may import itself; `types: [...]` are files that may be imported for their types by rooms below.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'src/core/base': [],
  'src/core/conversation': ['src/core/base'],
  'src/core/trust': ['src/core/base'],
  'src/core/governance': ['src/core/base'],
  'src/core/record': ['src/core/base'],
  'src/core/protocols': ['src/core/base', 'src/core/conversation'],
  'src/core/classifier': ['src/core/base', 'src/core/conversation', 'src/core/classifier/normalise'],
  'src/core/classifier/normalise': ['src/core/base'],
  'src/core/metering': ['src/core/base', 'src/core/conversation'],
  'src/core/jailbreaks': ['src/core/base', 'src/core/conversation', 'src/core/record'],
  'src/core/policy': ['src/core/base', 'src/core/conversation', 'src/core/trust', 'src/core/governance'],
  'src/core/safeguards': [
    'src/core/base',
    'src/core/conversation',
    'src/core/classifier',
    'src/core/policy',
    'src/core/governance',
  ],
  'src/core/briefs': [
    'src/core/base',
    'src/core/governance',
    'src/core/safeguards',
    'src/core/jailbreaks',
    'src/core/record',
  ],
  'src/gateway': ['src/core'],
  'src/jobs': ['src/core'],
  'src/admin': ['src/jobs', 'src/core'],
  'src/io': ['src/core'],
  'src/cli': ['src'],
  'src/main.ts': ['src'],
}

/** Contracts that `io` fulfils: it may name them, and nothing else of those rooms. */
const PORTS = /^src\/(?:gateway|jobs(?:\/feed)?)\/(?:[a-z-]+-)?ports\.ts$/

export interface Arrow {
  readonly from: string
  readonly to: string
}

/** Every import between files of `src`, type imports included. Paths are relative to the root, with forward slashes. */
export function arrows(root: string): readonly Arrow[] {
  return sources(join(root, 'src')).flatMap((file) => {
    const from = posix(relative(root, file))
    const found = readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
    return [...found]
      .map(([, name]) => ({ from, to: posix(relative(root, normalize(join(dirname(file), name!)))) }))
      .filter(({ to }) => to.startsWith('src/') && /\.(ts|tsx)$/.test(to))
  })
}

/** The room a file belongs to, or null. */
export function roomOf(file: string): string | null {
  const rooms = Object.keys(ROOMS).filter((room) => file === room || file.startsWith(`${room}/`))
  return rooms.sort((a, b) => b.length - a.length)[0] ?? null
}

/** Arrows that the table does not allow. Tests of a room may reach what they test with. */
export function forbidden(all: readonly Arrow[]): readonly Arrow[] {
  return all.filter(({ from, to }) => {
    if (/\.(test|contract)\.tsx?$/.test(from)) return false
    const room = roomOf(from)
    const target = roomOf(to)
    if (room === null || target === null) return true
    if (room === target) return false
    if (room === 'src/io' && PORTS.test(to)) return false
    return !ROOMS[room]!.some((allowed) => target === allowed || target.startsWith(`${allowed}/`) || allowed === 'src')
  })
}

/** One cycle of imports as a list of files, or null. */
export function cycle(all: readonly Arrow[]): readonly string[] | null {
  const next = new Map<string, string[]>()
  for (const { from, to } of all) next.set(from, [...(next.get(from) ?? []), to])
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): readonly string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return null
    path.push(file)
    for (const to of next.get(file) ?? []) {
      const found = visit(to)
      if (found !== null) return found
    }
    path.pop()
    done.add(file)
    return null
  }
  for (const file of next.keys()) {
    const found = visit(file)
    if (found !== null) return found
  }
  return null
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /\.(ts|tsx)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })
}

function posix(path: string): string {
  return path.split(sep).join('/')
}
