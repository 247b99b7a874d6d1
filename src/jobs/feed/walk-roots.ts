import { utf8Text } from '../../core/base/utf8.ts'
import { payloadType } from '../../core/jailbreaks/exchange/payload-types.ts'
import { MOST_OBJECT_BYTES } from '../../core/jailbreaks/exchange/pointer.ts'
import type { Provider } from '../../core/jailbreaks/exchange/provider.ts'
import {
  firstRoot,
  nextRoot,
  type RootFault,
  type Tools,
  type TrustedRoot,
} from '../../core/jailbreaks/exchange/root-chain.ts'
import { openEnvelope, payloadOf } from '../../core/record/dsse.ts'
import { RecordError } from '../../core/record/record-error.ts'
import type { FeedSource, PartnerStore } from './ports.ts'

export const PROVIDER_PATH = '.well-known/sluice/provider.json'

export function rootPath(version: number): string {
  return `root/${version}.root.json`
}

/** More versions than any partner has; a stranger's chain must end. */
const MOST_ROOTS = 1000

export type Trust =
  | { readonly kind: 'trusted'; readonly chain: readonly TrustedRoot[]; readonly provider: Provider }
  | { readonly kind: 'untrusted'; readonly reason: RootFault | ProviderFault | 'missing'; readonly at: string }

export type ProviderFault =
  | 'provider_decode'
  | 'provider_signature'
  | 'provider_name'
  | 'provider_root'
  | 'provider_schema'

/** The roots that are kept, checked again from the pin on. Empty: none yet. */
export async function keptChain(store: PartnerStore, pin: string, tools: Tools): Promise<readonly TrustedRoot[]> {
  const chain: TrustedRoot[] = []
  for (let version = 1; version <= MOST_ROOTS; version++) {
    const file = await store.read(rootPath(version))
    if (file === null) break
    const before = chain.at(-1)
    const result = before === undefined ? firstRoot(file, pin, tools) : nextRoot(file, before, tools)
    // A copy that was damaged here is fetched again.
    if (result.kind === 'untrusted') break
    chain.push(result.root)
  }
  return chain
}

/**
 * Walks the chain of trust roots on from what is kept, one by one, and reads who the provider is. Nothing is kept that
 * was not accepted. @param name Whom the operator pinned: the provider must be it.
 */
export async function walkRoots(
  source: FeedSource,
  store: PartnerStore,
  { pin, name }: { readonly pin: string; readonly name: string },
  tools: Tools,
): Promise<Trust> {
  const chain = [...(await keptChain(store, pin, tools))]
  for (let version = chain.length + 1; version <= MOST_ROOTS; version++) {
    const path = rootPath(version)
    const file = await source.read(path, MOST_OBJECT_BYTES)
    const before = chain.at(-1)
    if (file === null) {
      if (before === undefined) return { kind: 'untrusted', reason: 'missing', at: path }
      break
    }
    const result = before === undefined ? firstRoot(file, pin, tools) : nextRoot(file, before, tools)
    if (result.kind === 'untrusted') return { kind: 'untrusted', reason: result.fault, at: path }
    await store.write(path, file)
    chain.push(result.root)
  }
  const provider = await readProvider(source, store, chain.at(-1)!, name, tools)
  return typeof provider === 'string'
    ? { kind: 'untrusted', reason: provider, at: PROVIDER_PATH }
    : { kind: 'trusted', chain, provider }
}

async function readProvider(
  source: FeedSource,
  store: PartnerStore,
  latest: TrustedRoot,
  name: string,
  tools: Tools,
): Promise<Provider | ProviderFault> {
  const file = await source.read(PROVIDER_PATH, MOST_OBJECT_BYTES)
  const provider = file === null ? 'provider_decode' : openProvider(file, latest, tools)
  if (typeof provider === 'string') return provider
  // Another's name would let one partner speak as another.
  if (provider.name !== name) return 'provider_name'
  if (provider.root.version !== latest.root.version || provider.root.sha256 !== latest.sha256) return 'provider_root'
  await store.write(PROVIDER_PATH, file!)
  return provider
}

/** The provider inside an envelope, as the publisher's keys of this root sign it. */
export function openProvider(file: Uint8Array, latest: TrustedRoot, tools: Tools): Provider | ProviderFault {
  const envelope = utf8Text(file)
  if (envelope === null) return 'provider_decode'
  const trust = { ...latest.roles.publisher, types: [payloadType('provider')] }
  const opened = openEnvelope(envelope, trust, tools.verify)
  if (opened.kind === 'rejected') return opened.reason === 'decode' ? 'provider_decode' : 'provider_signature'
  try {
    const value = payloadOf(opened)
    // The schema gives the same members as the type.
    return tools.schemaFault('provider', value) === null ? (value as Provider) : 'provider_schema'
  } catch (error) {
    if (error instanceof RecordError) return 'provider_decode'
    throw error
  }
}
