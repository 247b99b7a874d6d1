import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { JWK } from 'jose'
import { hex } from '../core/base/bytes.ts'
import { CodedError } from '../core/base/errors.ts'
import { strictJson } from '../core/base/strict-json.ts'
import { ARTEFACT_KINDS } from '../core/jailbreaks/exchange/record.ts'
import { ROLES, type Role } from '../core/jailbreaks/exchange/root.ts'
import { isLevel, LEVELS, type Level } from '../core/jailbreaks/exchange/tlp.ts'
import { formatVerifierKey } from '../core/record/note-key.ts'
import { encryptionKey, sealFor } from '../io/exchange/attachment.ts'
import { sha256 } from '../io/keys/ed25519.ts'
import { wholeText } from '../io/text-file.ts'
import type { Authored } from '../jobs/feed/publish.ts'
import { EXIT, type Terminal } from './command.ts'
import { initFeed, type OpenFeed, openOwnFeed, ownKeys, publishTo, rotateRoot, witnessSigner } from './own-feed.ts'
import { knownHere } from './partner-feeds.ts'

/** What was asked of a feed and cannot be done. */
export class FeedCommandError extends CodedError<'option' | 'file'> {}

export interface Asked {
  readonly options: ReadonlyMap<string, string>
  readonly rest: readonly string[]
  readonly dataFolder: string
  readonly terminal: Terminal
}

const HOURS = 24

/** `sluice feed init DIR --name NAME …` */
export async function init({ options, rest: [folder], dataFolder, terminal }: Asked): Promise<number> {
  const name = options.get('name')
  if (folder === undefined || !name) throw new FeedCommandError('option', 'wanted DIR and --name NAME')
  const witnesses = listOf(options.get('witness'))
  const settings = {
    ...{ folder, name, contact: options.get('contact') ?? 'duty-roster', witnesses },
    jurisdiction: options.get('jurisdiction') ?? 'not stated',
    quorum: wholeOf(options.get('quorum'), witnesses.length === 0 ? 0 : 1, 'quorum'),
    maxAgeH: wholeOf(options.get('max-age-h'), HOURS, 'max-age-h'),
  }
  return shown(await initFeed(dataFolder, settings, Date.now()), options, terminal)
}

function shown({ name, folder, keys, chain }: OpenFeed, options: ReadonlyMap<string, string>, terminal: Terminal) {
  const [first, latest] = [chain[0]!, chain.at(-1)!]
  const facts = { name, folder, keys, root: first.sha256, version: latest.root.version, expires: latest.root.expires }
  if (options.has('json')) terminal.stdout(`${JSON.stringify(facts)}\n`)
  else
    terminal.stdout(
      `${name}: ${folder}, root version ${facts.version} until ${facts.expires}\n` +
        `first root, for partners to compare over a second channel:\n${first.sha256}\n` +
        `keys: ${keys}; move root-2.key and root-3.key to another place, two of three make the next root\n` +
        (latest.policies.clear?.quorum == null
          ? 'no witness is asked for: partners will treat this feed as stale until `sluice feed root rotate --witness VKEY`\n'
          : ''),
    )
  return EXIT.done
}

/** `sluice feed key witness|encryption [--name NAME]`: what others need to know of this instance. */
export async function key({ options, rest: [kind], dataFolder, terminal }: Asked): Promise<number> {
  const name = options.get('name') ?? (await ownName(dataFolder))
  if (kind === 'witness') {
    terminal.stdout(`${formatVerifierKey(witnessSigner(dataFolder, `${name}/witness`).key)}\n`)
    return EXIT.done
  }
  if (kind !== 'encryption') throw new FeedCommandError('option', 'wanted `key witness` or `key encryption`')
  terminal.stdout(`${JSON.stringify((await encryptionKey(ownKeys(dataFolder), name)).open)}\n`)
  return EXIT.done
}

async function ownName(dataFolder: string): Promise<string> {
  return (await openOwnFeed(dataFolder)).name
}

/** `sluice feed publish FILE|DIR… --level LEVEL` */
export async function publish({ options, rest, dataFolder, terminal }: Asked): Promise<number> {
  const level = levelOf(options)
  if (rest.length === 0) throw new FeedCommandError('option', 'wanted a JSON file, or a folder of them')
  const authored = rest.flatMap(filesAt).map(authoredFrom)
  const known = await knownHere(dataFolder)
  const published = await publishTo(dataFolder, level, authored, { nowMs: Date.now(), knownAt: known })
  if (options.has('json')) terminal.stdout(`${JSON.stringify(published)}\n`)
  else {
    for (const { t, id, sha256: hash } of published.pointers) terminal.stdout(`${t} ${id} ${hash}\n`)
    terminal.stdout(
      `${published.origin}: ${published.pointers.length} published, ${authored.length - published.pointers.length} there already, size ${published.size}\n`,
    )
  }
  return EXIT.done
}

/** `sluice feed attach FILE --level LEVEL --kind KIND [--to KEYS]`: what a record then names under `artefacts`. */
export async function attach({ options, rest: [file], dataFolder, terminal }: Asked): Promise<number> {
  const level = levelOf(options)
  const kind = ARTEFACT_KINDS.find((one) => one === options.get('kind'))
  if (file === undefined || kind === undefined)
    throw new FeedCommandError('option', `wanted FILE and --kind ${ARTEFACT_KINDS.join('|')}`)
  const plain = new Uint8Array(readFileSync(file))
  const to = listOf(options.get('to'))
  if ((level === 'red') !== to.length > 0)
    throw new FeedCommandError('option', 'at RED everything attached is sealed with --to KEY.jwk,…, and nowhere else')
  if (kind === 'cases' && level !== 'red') throw new FeedCommandError('option', '--kind cases: at RED only')
  const recipients = to.map((path) => recipientAt(path))
  const bytes = to.length === 0 ? plain : await sealFor(plain, recipients)
  const hash = hex(sha256(bytes))
  const { feed } = await openOwnFeed(dataFolder)
  await feed.write(artefactPath(level, hash), bytes)
  terminal.stdout(`${JSON.stringify({ kind, sha256: hash, access: 'feed', len: bytes.length })}\n`)
  return EXIT.done
}

export function artefactPath(level: Level, hash: string): string {
  return `${level}/artefacts/${hash.slice(0, 2)}/${hash}`
}

/** `sluice feed root show|rotate [--replace ROLES] [--witness VKEYS] [--quorum N]` */
export async function root({ options, rest: [verb], dataFolder, terminal }: Asked): Promise<number> {
  if (verb === 'show') return shown(await openOwnFeed(dataFolder), options, terminal)
  if (verb !== 'rotate') throw new FeedCommandError('option', 'wanted `root show` or `root rotate`')
  const replace = listOf(options.get('replace')) as Role[]
  if (replace.some((role) => !ROLES.includes(role)))
    throw new FeedCommandError('option', `--replace: wanted some of ${ROLES.join(', ')}`)
  const witnesses = options.has('witness') ? listOf(options.get('witness')) : null
  const quorum = wholeOf(options.get('quorum'), witnesses === null || witnesses.length === 0 ? 0 : 1, 'quorum')
  return shown(await rotateRoot(dataFolder, { replace, witnesses, quorum }, Date.now()), options, terminal)
}

export function levelOf(options: ReadonlyMap<string, string>): Level {
  const level = options.get('level')
  if (!isLevel(level)) throw new FeedCommandError('option', `--level: wanted ${LEVELS.join(', ')}`)
  return level
}

function filesAt(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).filter((name) => name.endsWith('.json'))
  return names.sort().map((name) => join(path, name))
}

function recipientAt(path: string): JWK {
  try {
    return JSON.parse(wholeText(path)) as JWK
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new FeedCommandError('file', `${path}: no JSON; wanted a public key as JWK`, { cause })
  }
}

/** What kind of object a file holds is seen from the members that only that kind has. */
function authoredFrom(path: string): Authored {
  const value = strictJson(wholeText(path))
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FeedCommandError('file', `${path}: wanted one JSON object, no name twice in it`)
  const object = value as Readonly<Record<string, unknown>>
  if ('schema_version' in object) return { type: 'record', object }
  if ('about' in object) return { type: 'statement', object }
  if ('members' in object) return { type: 'panel', object }
  if ('issuer' in object) return { type: 'instrument', object }
  throw new FeedCommandError('file', `${path}: neither a record, a statement, a panel nor an instrument`)
}

export function listOf(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').filter((one) => one !== '')
}

function wholeOf(text: string | undefined, otherwise: number, name: string): number {
  const value = text === undefined ? otherwise : Number(text)
  if (!Number.isInteger(value) || value < 0) throw new FeedCommandError('option', `--${name}: wanted a whole number`)
  return value
}
