import { canonicalJson } from '../base/canonical-json.ts'
import { type Bundle, BundleError, MOST_BUNDLE_BYTES, parseBundle } from './bundle.ts'

/** One file of a bundle in git form. Names are a closed set: nothing outside it is read or written. */
export interface BundleFile {
  readonly path: string
  readonly text: string
}

const FAMILY = /^families\/([A-Za-z0-9](?:[\w-]|\.(?=[\w-])){0,63})\.json$/
const FIXED: ReadonlySet<string> = new Set(['manifest.json', 'policy.json', 'rules.json', 'cascade.json'])

/** True for a path that a bundle may hold. No `..`, no absolute path and no other folder can be one. */
export function isBundlePath(path: string): boolean {
  return FIXED.has(path) || FAMILY.test(path)
}

/** The git form: a manifest with the hashes of the other files, and one file for each thing that people change. Sorted. */
export function bundleFiles(bundle: Bundle, sha256: (text: string) => string): readonly BundleFile[] {
  const { slot, model, sunset, policy, rules, families, cascade } = bundle
  const parts: [string, unknown][] = [
    ...(cascade === null ? [] : [['cascade.json', cascade] as [string, unknown]]),
    ...families.map((family): [string, unknown] => [`families/${family.id}.json`, family]),
    ['policy.json', policy],
    ['rules.json', rules],
  ]
  const hashes = Object.fromEntries(parts.map(([path, value]) => [path, hashOf(value, sha256)]))
  // The order of families is part of the bundle, and a folder has none.
  const manifest = { v: 1, slot, model, sunset, families: families.map(({ id }) => id), files: hashes }
  return [['manifest.json', manifest] as [string, unknown], ...parts]
    .map(([path, value]) => ({ path, text: `${readable(value, 0)}\n` }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * The bundle that these files say.
 * @param hashes `check`: every file must be the one that the manifest names; `ignore`: as edited.
 * @throws {BundleError} with every fault at once.
 */
export function bundleOfFiles(
  files: readonly BundleFile[],
  sha256: (text: string) => string,
  hashes: 'check' | 'ignore',
): Bundle {
  const size = files.reduce((sum, { text }) => sum + text.length, 0)
  if (size > 2 * MOST_BUNDLE_BYTES)
    throw new BundleError('bundle_too_large', `files: ${size} characters in all; at most ${2 * MOST_BUNDLE_BYTES}`)
  const faults: string[] = []
  const values = new Map<string, unknown>()
  for (const { path, text } of files) {
    if (!isBundlePath(path)) faults.push(`\`${printable(path)}\`: not a file of a bundle; remove it`)
    else if (values.has(path)) faults.push(`\`${path}\`: is there twice`)
    else values.set(path, json(path, text, faults))
  }
  for (const path of ['manifest.json', 'policy.json', 'rules.json'])
    if (!values.has(path)) faults.push(`\`${path}\`: is missing`)
  const manifest = recordOf(values.get('manifest.json'))
  const named = recordOf(manifest.files)
  if (hashes === 'check' && faults.length === 0) faults.push(...differing(values, named, sha256))
  const ids = families(manifest, values, faults)
  if (faults.length > 0) {
    const code = faultCode(faults)
    // Edited by hand is how a folder comes to this, and sealing is all that it lacks.
    const next = code === 'hash_mismatch' ? '; if it was edited on purpose, run `sluice safeguard seal FOLDER`' : ''
    throw new BundleError(code, faults.join('; ') + next)
  }
  return parseBundle({
    slot: manifest.slot,
    model: manifest.model ?? null,
    policy: values.get('policy.json'),
    rules: values.get('rules.json'),
    families: ids.map((id) => values.get(`families/${id}.json`)),
    cascade: values.get('cascade.json') ?? null,
    sunset: manifest.sunset ?? null,
  })
}

/** Families in the manifest's order; those of files it does not name come after, sorted. */
function families(
  manifest: Readonly<Record<string, unknown>>,
  values: ReadonlyMap<string, unknown>,
  faults: string[],
): readonly string[] {
  const there = [...values.keys()].flatMap((path) => FAMILY.exec(path)?.[1] ?? []).sort()
  const listed = Array.isArray(manifest.families) ? manifest.families.map(String) : []
  for (const id of listed) if (!there.includes(id)) faults.push(`\`families/${printable(id)}.json\`: is missing`)
  for (const id of there) {
    const own = recordOf(values.get(`families/${id}.json`)).id
    if (own !== id) faults.push(`\`families/${id}.json\`: holds another id than its name`)
  }
  return [...new Set([...listed, ...there])]
}

function differing(
  values: ReadonlyMap<string, unknown>,
  named: Readonly<Record<string, unknown>>,
  sha256: (text: string) => string,
): string[] {
  const faults: string[] = []
  for (const [path, value] of values)
    if (path !== 'manifest.json' && hashOf(value, sha256) !== named[path])
      faults.push(
        `\`${path}\`: ${path in named ? `is not the one that manifest.json names` : 'is not in manifest.json'}`,
      )
  for (const path of Object.keys(named)) if (!values.has(path)) faults.push(`\`${printable(path)}\`: is missing`)
  return faults
}

function faultCode(faults: readonly string[]): 'hash_mismatch' | 'bundle_invalid' {
  return faults.every((fault) => /manifest\.json( names)?$/.test(fault)) ? 'hash_mismatch' : 'bundle_invalid'
}

/** Of the value and not of its bytes: line ends and indentation that git or an editor changed say nothing. */
function hashOf(value: unknown, sha256: (text: string) => string): string {
  return `sha256:${sha256(canonicalJson(value))}`
}

function json(path: string, text: string, faults: string[]): unknown {
  try {
    const value: unknown = JSON.parse(text)
    canonicalJson(value)
    return value
  } catch {
    faults.push(`\`${path}\`: is not valid JSON`)
    return null
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

/** Names come from whoever packed the files. */
function printable(name: string): string {
  return JSON.stringify(name.slice(0, 80)).slice(1, -1)
}

const WIDTH = 110

/** JSON for people and for `git diff`: what fits a line stays on one, the rest has a line for each member. */
function readable(value: unknown, indent: number): string {
  const line = canonicalJson(value)
  if (value === null || typeof value !== 'object' || line.length + indent <= WIDTH) return line
  const pad = ' '.repeat(indent + 2)
  const inner = Array.isArray(value)
    ? value.map((item) => `${pad}${readable(item, indent + 2)}`)
    : Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => `${pad}${JSON.stringify(key)}: ${readable(item, indent + 2)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${inner.join(',\n')}\n${' '.repeat(indent)}${close}`
}
