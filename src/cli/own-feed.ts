import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { hex, sameBytes } from '../core/base/bytes.ts'
import { CodedError } from '../core/base/errors.ts'
import type { Provider } from '../core/jailbreaks/exchange/provider.ts'
import { ROLES, type Role, type Root } from '../core/jailbreaks/exchange/root.ts'
import { firstRoot, nextRoot, type TrustedRoot } from '../core/jailbreaks/exchange/root-chain.ts'
import { timeText } from '../core/jailbreaks/exchange/time.ts'
import { LEVELS, type Level, tlpOf } from '../core/jailbreaks/exchange/tlp.ts'
import { parseCheckpointBody } from '../core/record/checkpoint.ts'
import type { EnvelopeSigner } from '../core/record/dsse.ts'
import { parseNote } from '../core/record/note.ts'
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../core/record/note-key.ts'
import { formatPolicy } from '../core/record/witness-policy.ts'
import { alone } from '../io/exchange/alone.ts'
import { ownFeedFolder } from '../io/exchange/own-feed-folder.ts'
import { feedsFolder } from '../io/exchange/partners.ts'
import { EXCHANGE_TOOLS } from '../io/exchange/tools.ts'
import { sha256 } from '../io/keys/ed25519.ts'
import { makeKeyFile, readKeyFile } from '../io/keys/key-file.ts'
import { writeProvider, writeRoot } from '../jobs/feed/make-root.ts'
import type { OwnFeed } from '../jobs/feed/ports.ts'
import { type Authored, type Published, publish } from '../jobs/feed/publish.ts'
import { openProvider, PROVIDER_PATH, rootPath } from '../jobs/feed/walk-roots.ts'

/** A feed of one's own that is not as it must be. */
export class OwnFeedError extends CodedError<'missing' | 'exists' | 'keys' | 'invalid'> {}

/** What a feed is made with. */
export interface FeedSettings {
  readonly folder: string
  readonly name: string
  readonly contact: string
  readonly jurisdiction: string
  readonly witnesses: readonly string[]
  /** Witnesses that must sign; 0: none is asked for, and then partners treat the feed as stale. */
  readonly quorum: number
  readonly maxAgeH: number
}

/** A feed of one's own, opened with its keys. */
export interface OpenFeed {
  readonly folder: string
  readonly keys: string
  readonly name: string
  readonly feed: OwnFeed
  readonly chain: readonly TrustedRoot[]
  readonly provider: Provider
}

const ROOT_KEYS = 3
const ROOT_THRESHOLD = 2
const YEAR_MS = 365 * 86_400_000

/** Keys of one's own feed, and what was signed with them; never in the folder that partners read. */
export function ownKeys(dataFolder: string): string {
  return join(feedsFolder(dataFolder), 'own')
}

/** Makes keys, root version 1, provider and an empty log for every level. */
export async function initFeed(dataFolder: string, settings: FeedSettings, nowMs: number): Promise<OpenFeed> {
  const keys = ownKeys(dataFolder)
  const folder = resolve(settings.folder)
  if (readdirSync(keysThere(keys)).some((file) => file === 'own.json'))
    throw new OwnFeedError('exists', `${keys} holds the keys of a feed already`)
  const make = (file: string, name: string) => formatVerifierKey(makeKeyFile(join(keys, `${file}.key`), name).key)
  const roots = Array.from({ length: ROOT_KEYS }, (_, i) => make(`root-${i + 1}`, `${settings.name}/root-${i + 1}`))
  const logs = LEVELS.map((level) => {
    const origin = `${settings.name}/${level}`
    return [level, { origin, vkey: make(`log-${level}`, origin) }] as const
  })
  const root: Root = {
    ...{ type: 'root', version: 1, issued: timeText(nowMs), expires: timeText(nowMs + YEAR_MS) },
    roles: {
      root: { keys: roots, threshold: ROOT_THRESHOLD },
      publisher: { keys: [make('publisher', settings.name)], threshold: 1 },
      evaluator: { keys: [make('evaluator', `${settings.name}/evaluator`)], threshold: 1 },
    },
    logs: Object.fromEntries(logs),
    witness_policy: witnessPolicy(settings.witnesses, settings.quorum),
    prev_sha256: null,
  }
  const feed = ownFeedFolder(folder, keys)
  const provider = {
    ...{ name: settings.name, roles: ['member'], jurisdiction: settings.jurisdiction },
    contacts: [{ kind: 'duty-roster', value: settings.contact }],
    feeds: logs.map(([level, { origin }]) => ({
      ...{ tlp: tlpOf(level), origin, prefix: `${level}/`, max_age_h: settings.maxAgeH },
    })),
    members_since: timeText(nowMs),
  }
  const trusted = await writeRoot(root, null, signersOf(keys, root, 'root'), feed, EXCHANGE_TOOLS)
  await writeProvider(provider, trusted, signersOf(keys, root, 'publisher')[0]!, feed, EXCHANGE_TOOLS)
  writeFileSync(join(keys, 'own.json'), `${JSON.stringify({ folder, name: settings.name }, null, 2)}\n`, {
    mode: 0o600,
  })
  for (const level of LEVELS) await publishTo(dataFolder, level, [], { nowMs, knownAt: () => null })
  return openOwnFeed(dataFolder)
}

function keysThere(keys: string): string {
  mkdirSync(keys, { recursive: true, mode: 0o700 })
  return keys
}

/** The policy that partners will hold this feed's checkpoints to. */
function witnessPolicy(witnesses: readonly string[], quorum: number): string {
  const known = witnesses.map((vkey, i) => ({ name: `w${i + 1}`, key: parseVerifierKey(sha256, vkey), url: null }))
  if (quorum > known.length) throw new OwnFeedError('invalid', `--quorum: there are ${known.length} witnesses`)
  if (quorum === 0) return formatPolicy({ logs: [], witnesses: known, groups: [], quorum: null })
  const group = { name: 'quorum', needs: quorum, members: known.map(({ name }) => name) }
  return formatPolicy({ logs: [], witnesses: known, groups: [group], quorum: 'quorum' })
}

/** @throws {OwnFeedError} `missing`: there is none. */
export async function openOwnFeed(dataFolder: string): Promise<OpenFeed> {
  const keys = ownKeys(dataFolder)
  const text = (() => {
    try {
      return readFileSync(join(keys, 'own.json'), 'utf8')
    } catch (cause) {
      throw new OwnFeedError('missing', 'no feed of your own yet; `sluice feed init DIR --name NAME` makes one', {
        cause,
      })
    }
  })()
  const { folder, name } = JSON.parse(text) as { folder: string; name: string }
  const feed = ownFeedFolder(folder, keys)
  const chain = await ownChain(feed)
  const provider = await ownProvider(feed, chain, keys)
  if (provider === null)
    throw new OwnFeedError(
      'invalid',
      `${folder}: its root or provider.json is missing or not whole; restore it from a mirror`,
    )
  return { folder, keys, name, feed, chain, provider }
}

/** Who one is, as signed last. A rotation that stopped after its root and before this file is finished here. */
async function ownProvider(feed: OwnFeed, chain: readonly TrustedRoot[], keys: string): Promise<Provider | null> {
  const file = await feed.read(PROVIDER_PATH)
  const latest = chain.at(-1)
  if (file === null || latest === undefined) return null
  for (const trusted of [...chain].reverse()) {
    const provider = openProvider(file, trusted, EXCHANGE_TOOLS)
    if (typeof provider === 'string') continue
    if (provider.root.version === latest.root.version) return provider
    const { root: _root, ...who } = provider
    return writeProvider(who, latest, signersOf(keys, latest.root, 'publisher')[0]!, feed, EXCHANGE_TOOLS)
  }
  return null
}

/** One's own chain: its first root is the one in the folder, which only its owner writes. */
async function ownChain(feed: OwnFeed): Promise<readonly TrustedRoot[]> {
  const chain: TrustedRoot[] = []
  for (let version = 1; ; version++) {
    const file = await feed.read(rootPath(version))
    if (file === null) return chain
    const before = chain.at(-1)
    const result =
      before === undefined ? firstRoot(file, hex(sha256(file)), EXCHANGE_TOOLS) : nextRoot(file, before, EXCHANGE_TOOLS)
    if (result.kind === 'untrusted')
      throw new OwnFeedError('invalid', `${rootPath(version)}: partners do not follow it: ${result.fault}`)
    chain.push(result.root)
  }
}

/** Publishes to one level of one's own feed; nobody else does so meanwhile. */
export async function publishTo(
  dataFolder: string,
  level: Level,
  authored: readonly Authored[],
  { nowMs, knownAt }: { nowMs: number; knownAt: (publisher: string, id: string) => Level | null },
): Promise<Published> {
  const { keys, name, feed, chain } = await openOwnFeed(dataFolder)
  const { root } = chain.at(-1)!
  const log = root.logs[level]
  if (log === undefined) throw new OwnFeedError('invalid', `${level}: this feed has no such log`)
  const signers = {
    publisher: signersOf(keys, root, 'publisher')[0]!,
    evaluator: signersOf(keys, root, 'evaluator')[0]!,
    log: signerOf(keys, parseVerifierKey(sha256, log.vkey))!,
  }
  return alone(keys, () =>
    publish(level, authored, {
      ...{ feed, signers, tools: EXCHANGE_TOOLS, publisher: name },
      ...{ nowMs: () => nowMs, knownAt },
    }),
  )
}

/** What a new version of the root changes. */
export interface Rotation {
  /** Roles of which every key is replaced by a new one. */
  readonly replace: readonly Role[]
  /** Witnesses from now on; null: as before. */
  readonly witnesses: readonly string[] | null
  readonly quorum: number
}

/**
 * The next version of one's root: signed by the old root keys and the new ones, so that partners follow it by
 * themselves. What the old keys signed stays valid up to the present size of each log.
 */
export async function rotateRoot(dataFolder: string, rotation: Rotation, nowMs: number): Promise<OpenFeed> {
  const { keys, name, feed, chain, provider } = await openOwnFeed(dataFolder)
  await alone(keys, async () => {
    const before = chain.at(-1)!
    const version = before.root.version + 1
    const fresh = (role: Role) =>
      before.root.roles[role].keys.map((_, i) => {
        const key = role === 'publisher' ? name : `${name}/${role}${role === 'root' ? `-${i + 1}` : ''}`
        return formatVerifierKey(makeKeyFile(join(keys, `${role}-v${version}-${i + 1}.key`), key).key)
      })
    const roles = Object.fromEntries(
      ROLES.map((role) => [
        role,
        rotation.replace.includes(role) ? { ...before.root.roles[role], keys: fresh(role) } : before.root.roles[role],
      ]),
    ) as unknown as Root['roles']
    const root: Root = {
      ...before.root,
      ...{ version, issued: timeText(nowMs), expires: timeText(nowMs + YEAR_MS), roles },
      witness_policy:
        rotation.witnesses === null ? before.root.witness_policy : witnessPolicy(rotation.witnesses, rotation.quorum),
      prev_sha256: before.sha256,
      positions: await positions(feed),
    }
    const signers = [...signersOf(keys, before.root, 'root'), ...signersOf(keys, root, 'root')]
    const unique = signers.filter(({ key }, i) => signers.findIndex((one) => one.key.id === key.id) === i)
    const trusted = await writeRoot(root, before, unique, feed, EXCHANGE_TOOLS)
    const { root: _root, ...who } = provider
    await writeProvider(who, trusted, signersOf(keys, root, 'publisher')[0]!, feed, EXCHANGE_TOOLS)
  })
  return openOwnFeed(dataFolder)
}

async function positions(feed: OwnFeed): Promise<NonNullable<Root['positions']>> {
  const sizes = await Promise.all(
    LEVELS.map(async (level) => {
      const note = await feed.lastSigned(level)
      const size = note === null ? 0 : parseCheckpointBody(parseNote(new TextEncoder().encode(note)).text).size
      return [level, size] as const
    }),
  )
  return Object.fromEntries(sizes)
}

/** Signers of a role whose key files are here; keys of others, or kept elsewhere, are left out. */
function signersOf(keys: string, root: Root, role: Role): readonly EnvelopeSigner[] {
  const found = root.roles[role].keys.flatMap((text) => signerOf(keys, parseVerifierKey(sha256, text)) ?? [])
  if (found.length === 0) throw new OwnFeedError('keys', `no key file of role ${role} in ${keys}`)
  return found
}

function signerOf(keys: string, wanted: VerifierKey): EnvelopeSigner | null {
  const files = readdirSync(keys).filter((file) => file.endsWith('.key'))
  for (const file of files) {
    const signer = readKeyFile(join(keys, file))
    if (signer.key.id === wanted.id && sameBytes(signer.key.publicKey, wanted.publicKey)) return signer
  }
  return null
}

/** One's witness key, made when it is first asked for. */
export function witnessSigner(dataFolder: string, name: string): EnvelopeSigner {
  const keys = keysThere(ownKeys(dataFolder))
  const file = join(keys, 'witness.key')
  return existsSync(file) ? readKeyFile(file) : makeKeyFile(file, name, 'cosignature')
}
