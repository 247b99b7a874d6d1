import { hash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Bundle, BundleError, MOST_BUNDLE_BYTES } from '../../core/safeguards/bundle.ts'
import { bundleOfArchive } from '../../core/safeguards/bundle-archive.ts'
import { type BundleFile, bundleFiles, bundleOfFiles, isBundlePath } from '../../core/safeguards/bundle-files.ts'

const sha256 = (text: string) => hash('sha256', text)
const MOST_FILES = 300

/**
 * The bundle in a folder of the git form. Files that a bundle does not hold (a README, `.git`) are left alone; a link,
 * a device or a file too large in the place of one that it does hold is refused.
 * @throws {BundleError}
 */
export function readBundleFolder(folder: string, hashes: 'check' | 'ignore'): Bundle {
  const files: BundleFile[] = []
  let left = 2 * MOST_BUNDLE_BYTES
  for (const path of [...names(folder, ''), ...names(folder, 'families')].filter(isBundlePath).sort()) {
    if (files.length >= MOST_FILES) throw new BundleError('bundle_too_large', `more than ${MOST_FILES} files`)
    const text = readBounded(join(folder, path), path, left)
    left -= text.length
    files.push({ path, text })
  }
  return bundleOfFiles(files, sha256, hashes)
}

/** Writes the git form. Family files of an earlier bundle in the same folder go; nothing else does. */
export function writeBundleFolder(folder: string, bundle: Bundle): readonly string[] {
  const files = bundleFiles(bundle, sha256)
  mkdirSync(join(folder, 'families'), { recursive: true })
  if (lstatSync(join(folder, 'families')).isSymbolicLink())
    throw new BundleError('bundle_invalid', '`families`: is a link; give a folder of its own')
  const kept = new Set(files.map(({ path }) => path))
  for (const path of [...names(folder, 'families'), 'cascade.json'])
    if (isBundlePath(path) && !kept.has(path)) rmSync(join(folder, path), { force: true })
  for (const { path, text } of files) {
    const target = join(folder, path)
    // A link in its place would be written through.
    rmSync(target, { force: true })
    writeFileSync(target, text, { flag: 'wx' })
  }
  return files.map(({ path }) => path)
}

/** The bundle in an archive of `sluice safeguard export`. @throws {BundleError} */
export function readBundleArchive(file: string): Bundle {
  return bundleOfArchive(readBounded(file, file, 2 * MOST_BUNDLE_BYTES), sha256)
}

function names(folder: string, sub: string): string[] {
  const entries = (() => {
    try {
      return readdirSync(join(folder, sub))
    } catch (cause) {
      if (sub !== '') return []
      throw new BundleError('bundle_invalid', `no folder to read at \`${folder}\``, { cause })
    }
  })()
  return entries.map((entry) => (sub === '' ? entry : `${sub}/${entry}`))
}

function readBounded(file: string, name: string, most: number): string {
  let descriptor: number
  try {
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (cause) {
    const link = (cause as NodeJS.ErrnoException).code === 'ELOOP'
    throw new BundleError(
      'bundle_invalid',
      `\`${name}\`: ${link ? 'is a link; put the file itself there' : 'cannot be read'}`,
      {
        cause,
      },
    )
  }
  try {
    const facts = fstatSync(descriptor)
    if (!facts.isFile()) throw new BundleError('bundle_invalid', `\`${name}\`: is not a plain file`)
    if (facts.size > most) throw new BundleError('bundle_too_large', `\`${name}\`: larger than a bundle may be`)
    const bytes = readFileSync(descriptor)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch (cause) {
      throw new BundleError('bundle_invalid', `\`${name}\`: is not UTF-8`, { cause })
    }
  } finally {
    closeSync(descriptor)
  }
}
