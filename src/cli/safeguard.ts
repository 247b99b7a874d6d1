import { hash } from 'node:crypto'
import type { SafeguardInForce } from '../admin/release-contract.ts'
import { type Bundle, bundleHash, parseBundle } from '../core/safeguards/bundle.ts'
import { archiveOf } from '../core/safeguards/bundle-archive.ts'
import { loadConfig } from '../io/config/config.ts'
import { configuredCascade } from '../io/detectors/arrange.ts'
import { openDetectors } from '../io/detectors/open-detectors.ts'
import { writeOut } from '../io/out-file.ts'
import { readBundleArchive, readBundleFolder, writeBundleFolder } from '../io/safeguards/bundle-folder.ts'
import { adminUrl, callAdmin, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes } from './command.ts'

const USAGE = `sluice safeguard export FOLDER|FILE.sluice [--slot base] [--release LABEL]
sluice safeguard import FOLDER|FILE.sluice [--to FOLDER]   take it in, without releasing it
sluice safeguard seal FOLDER                               write the hashes of edited files
sluice safeguard cascade FOLDER                            write cascade.json as sluice.yaml asks its detectors now
`

export const takes: Takes = {
  command: 'safeguard',
  flags: ['json'],
  values: ['admin', 'slot', 'release', 'to', 'by'],
  page: USAGE,
}

const sha256 = (text: string) => hash('sha256', text)

/** `sluice safeguard`: the safeguard in force as a folder for git, or as one file; and back. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [verb, path] = rest
  if (path === undefined || rest.length > 2) {
    terminal.stderr(USAGE)
    return EXIT.usage
  }
  const base = () => adminUrl(options.get('admin'))
  const done = (bundle: Bundle, where: string) => {
    const facts = { hash: bundleHash(bundle, sha256), slot: bundle.slot, path: where }
    terminal.stdout(options.has('json') ? `${JSON.stringify(facts)}\n` : `${facts.hash} ${where}\n`)
    return EXIT.done
  }
  return reporting(terminal, async () => {
    switch (verb) {
      case 'export': {
        const bundle = await wanted(base(), options)
        if (path.endsWith('.sluice')) writeOut(path, archiveOf(bundle, sha256))
        else writeBundleFolder(path, bundle)
        return done(bundle, path)
      }
      case 'import': {
        const bundle = path.endsWith('.sluice') ? readBundleArchive(path) : readBundleFolder(path, 'check')
        const to = options.get('to')
        if (to !== undefined) writeBundleFolder(to, bundle)
        await callAdmin(base(), '/api/bundles', { bundle, reason: 'imported', by: options.get('by') ?? 'operator' })
        return done(bundle, to ?? path)
      }
      case 'seal': {
        const bundle = readBundleFolder(path, 'ignore')
        writeBundleFolder(path, bundle)
        return done(bundle, path)
      }
      case 'cascade': {
        const detectors = openDetectors(loadConfig(process.env, process.cwd()).detectors, process.env)
        const bundle = { ...readBundleFolder(path, 'ignore'), cascade: configuredCascade(detectors) }
        for (const one of detectors) await one.close()
        writeBundleFolder(path, bundle)
        return done(bundle, path)
      }
      default:
        terminal.stderr(USAGE)
        return EXIT.usage
    }
  })
}

async function wanted(base: string, options: ReadonlyMap<string, string>): Promise<Bundle> {
  const release = options.get('release')
  if (release === undefined) {
    const slot = encodeURIComponent(options.get('slot') ?? 'base')
    return parseBundle((await callAdmin<SafeguardInForce>(base, `/api/safeguards/${slot}`)).bundle)
  }
  const { row } = await callAdmin<{ row: { bundle: string } }>(base, `/api/releases/${encodeURIComponent(release)}`)
  return parseBundle(await callAdmin<unknown>(base, `/api/bundles/${encodeURIComponent(row.bundle)}`))
}
