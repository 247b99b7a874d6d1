import { canonicalJson } from '../base/canonical-json.ts'
import { type Bundle, BundleError, bundleHash, MOST_BUNDLE_BYTES } from './bundle.ts'
import { type BundleFile, bundleFiles, bundleOfFiles } from './bundle-files.ts'

/** First line of every archive: what it is, and the hash of the bundle that it holds. */
const FORMAT = 'sluice-safeguard/1'
const MOST_LINES = 300

/**
 * One file for a whole bundle: JSON lines, a head and then one line for each file of the git form, sorted. The same
 * bundle gives the same bytes. It has no links, no modes and no compression, so there is nothing to trick with.
 */
export function archiveOf(bundle: Bundle, sha256: (text: string) => string): string {
  const head = { format: FORMAT, hash: bundleHash(bundle, sha256), slot: bundle.slot }
  const lines = [head, ...bundleFiles(bundle, sha256)].map((line) => `${canonicalJson(line)}\n`)
  return lines.join('')
}

/**
 * Reads an archive back.
 * @throws {BundleError} another format, a path that a bundle does not hold, a hash that is not that of what is inside.
 */
export function bundleOfArchive(text: string, sha256: (text: string) => string): Bundle {
  if (text.length > 2 * MOST_BUNDLE_BYTES)
    throw new BundleError('bundle_too_large', `archive: ${text.length} characters; at most ${2 * MOST_BUNDLE_BYTES}`)
  const lines = text.split('\n', MOST_LINES + 2)
  if (lines.at(-1) === '') lines.pop()
  if (lines.length > MOST_LINES) throw new BundleError('bundle_invalid', `archive: more than ${MOST_LINES} files`)
  const [head, ...files] = lines.map(lineOf)
  if (head?.format !== FORMAT)
    throw new BundleError('bundle_invalid', `archive: wanted a file that \`sluice safeguard export\` wrote (${FORMAT})`)
  const bundle = bundleOfFiles(files.map(fileOf), sha256, 'check')
  if (bundleHash(bundle, sha256) !== head.hash)
    throw new BundleError('hash_mismatch', 'archive: its hash is not that of what is inside; fetch it again')
  return bundle
}

function lineOf(line: string, i: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw new BundleError('bundle_invalid', `archive: line ${i + 1} is not a JSON object`)
}

function fileOf({ path, text, ...more }: Readonly<Record<string, unknown>>, i: number): BundleFile {
  if (typeof path !== 'string' || typeof text !== 'string' || Object.keys(more).length > 0)
    throw new BundleError('bundle_invalid', `archive: line ${i + 2} is not a file with path and text alone`)
  return { path, text }
}
