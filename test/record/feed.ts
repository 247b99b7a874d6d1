import { POLICY, put, rootOf, treeOf, WITNESSES, writeTiles } from './folder.ts'
import { checkpointBody, envelope, note, type Signer, sha256, signer } from './notes.ts'

/** A partner's feed for tests, written as a mirror would find it. */
const ROOT_KEYS = [signer('registry.example/root', 0x41), signer('registry.example/root-2', 0x42)]
export const PUBLISHER = signer('registry.example/lab-a', 0x43)
export const NEXT_PUBLISHER = signer('registry.example/lab-a', 0x44)
export const EVALUATOR = signer('registry.example/lab-a/tests', 0x45)
const LOG = signer('registry.example/lab-a/clear', 0x46)
const WITNESS_POLICY = POLICY.replace(/^log .*\n/, '')

export interface Sent {
  readonly t: 'record' | 'statement' | 'panel'
  readonly id: string
  readonly by: Signer
  readonly tlp?: string
}

export const SENT: readonly Sent[] = [
  { t: 'record', id: 'JRX-2026-000017', by: PUBLISHER },
  { t: 'statement', id: 'STM-2026-000041', by: PUBLISHER },
  { t: 'panel', id: 'P-2026Q2', by: EVALUATOR },
  { t: 'record', id: 'JRX-2026-000018', by: NEXT_PUBLISHER },
]

export interface FeedOptions {
  /** Place in the log from which on the second root reigns, with a new publisher's key. */
  readonly rotatedAt?: number
  /** Who signs the second root. */
  readonly rootSigners?: readonly Signer[]
}

/** Writes a feed; gives the SHA-256 of its first root, and where each object lies. */
export function writeFeed(folder: string, sent: readonly Sent[] = SENT, options: FeedOptions = {}) {
  const { rotatedAt = 3, rootSigners = ROOT_KEYS } = options
  const rootOfVersion = (version: number, publisher: Signer, more: object) => ({
    ...{ type: 'root', version, issued: '2026-06-01T00:00:00Z', expires: '2126-06-01T00:00:00Z' },
    roles: {
      root: { keys: ROOT_KEYS.map(({ vkey }) => vkey), threshold: 2 },
      publisher: { keys: [publisher.vkey], threshold: 1 },
      evaluator: { keys: [EVALUATOR.vkey], threshold: 1 },
    },
    ...{ logs: { clear: { origin: LOG.name, vkey: LOG.vkey } }, witness_policy: WITNESS_POLICY, ...more },
  })
  const first = envelope('root', rootOfVersion(1, PUBLISHER, { prev_sha256: null }), ROOT_KEYS)
  const pin = sha256(first).toString('hex')
  const positions = { positions: { clear: rotatedAt }, prev_sha256: pin }
  put(folder, 'root/1.root.json', first)
  put(folder, 'root/2.root.json', envelope('root', rootOfVersion(2, NEXT_PUBLISHER, positions), rootSigners))
  put(folder, '.well-known/sluice/provider.json', envelope('provider', { name: 'lab-a' }, [NEXT_PUBLISHER]))
  const paths: string[] = []
  const pointers = sent.map(({ t, id, by, tlp = 'CLEAR' }) => {
    const object = envelope(t, { id, tlp }, [by])
    const name = sha256(object).toString('hex')
    const path = `clear/objects/${name.slice(0, 2)}/${name}.json`
    paths.push(path)
    put(folder, path, object)
    return Buffer.from(JSON.stringify({ t, id, modified: '2026-06-13T09:20:00Z', sha256: name, len: object.length }))
  })
  const hashes = writeTiles(`${folder}/clear`, treeOf(pointers))
  put(folder, 'clear/checkpoint', note(checkpointBody(LOG.name, sent.length, rootOf(hashes)), [LOG, ...WITNESSES]))
  return { pin, paths }
}
