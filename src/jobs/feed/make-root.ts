import { hex } from '../../core/base/bytes.ts'
import { CodedError } from '../../core/base/errors.ts'
import { utf8Bytes } from '../../core/base/utf8.ts'
import { payloadType } from '../../core/jailbreaks/exchange/payload-types.ts'
import type { Provider } from '../../core/jailbreaks/exchange/provider.ts'
import type { Root } from '../../core/jailbreaks/exchange/root.ts'
import { firstRoot, nextRoot, type Tools, type TrustedRoot } from '../../core/jailbreaks/exchange/root-chain.ts'
import { type EnvelopeSigner, signEnvelope } from '../../core/record/dsse.ts'
import type { OwnFeed } from './ports.ts'
import { PROVIDER_PATH, rootPath } from './walk-roots.ts'

/** A root that partners would not follow. */
export class RootError extends CodedError<'refused'> {}

/**
 * Signs and writes a version of one's trust root, checked as a partner checks it before it is written.
 * @param signers Root keys: of version 1 its own; later the old threshold and the new one together.
 * @throws {RootError} it would not be followed.
 */
export async function writeRoot(
  root: Root,
  before: TrustedRoot | null,
  signers: readonly EnvelopeSigner[],
  feed: Pick<OwnFeed, 'write'>,
  tools: Tools,
): Promise<TrustedRoot> {
  const wrong = tools.schemaFault('root', root)
  if (wrong !== null) throw new RootError('refused', `root: ${wrong}`)
  const file = utf8Bytes(signEnvelope(payloadType('root'), utf8Bytes(JSON.stringify(root)), signers))
  const pin = hex(tools.sha256(file))
  const result = before === null ? firstRoot(file, pin, tools) : nextRoot(file, before, tools)
  if (result.kind === 'untrusted') throw new RootError('refused', `root: partners would not follow it: ${result.fault}`)
  await feed.write(rootPath(root.version), file)
  return result.root
}

/** Signs and writes who publishes here; always after the root that it names. @throws {RootError} */
export async function writeProvider(
  provider: Omit<Provider, 'root'>,
  latest: TrustedRoot,
  publisher: EnvelopeSigner,
  feed: Pick<OwnFeed, 'write'>,
  tools: Tools,
): Promise<Provider> {
  const whole: Provider = { ...provider, root: { version: latest.root.version, sha256: latest.sha256 } }
  const wrong = tools.schemaFault('provider', whole)
  if (wrong !== null) throw new RootError('refused', `provider: ${wrong}`)
  const text = signEnvelope(payloadType('provider'), utf8Bytes(JSON.stringify(whole)), [publisher])
  await feed.write(PROVIDER_PATH, utf8Bytes(text))
  return whole
}
