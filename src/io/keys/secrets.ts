import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, chmod, link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '../../core/base/errors.ts'

export class SecretsError extends CodedError<'secret_exposed' | 'secret_invalid'> {}

/** What this instance knows and nobody else: 32 random bytes each. */
export interface Secrets {
  /** Makes the secret part of public links. */
  readonly capability: Uint8Array
  /** Makes keyed hashes of credentials and of conversation keys. */
  readonly principal: Uint8Array
  /** Authenticates tokens of our own, and peppers stored hashes of keys. */
  readonly token: Uint8Array
  /** Wraps the data keys that content is encrypted under. */
  readonly master: Uint8Array
}

const BYTES = 32

/**
 * The secrets under `<data>/keys`, made on the first start. Files are readable by their owner alone; one that others
 * can read is refused, since it may no longer be a secret.
 * @throws {SecretsError} with the next step in the message.
 */
export async function loadSecrets(dataFolder: string): Promise<Secrets> {
  const folder = join(dataFolder, 'keys')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const [capability, principal, master, token] = await Promise.all(
    ['capability', 'principal', 'master', 'token'].map((name) => secret(folder, name)),
  )
  return { capability: capability!, principal: principal!, master: master!, token: token! }
}

async function secret(folder: string, name: string): Promise<Uint8Array> {
  const file = join(folder, name)
  if (!(await exists(file))) await create(file)
  const { mode } = await stat(file)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new SecretsError(
      'secret_exposed',
      `${file} can be read by others; run \`chmod 600 ${file}\` if nobody did, else delete it`,
    )
  const bytes = Buffer.from((await readFile(file, 'utf8')).trim(), 'hex')
  if (bytes.length !== BYTES)
    throw new SecretsError('secret_invalid', `${file} does not hold ${BYTES} bytes in hex; put back its backup`)
  return bytes
}

/** Written aside, synced, then linked into place: of two starts at once, one wins and both read the same bytes. */
async function create(file: string): Promise<void> {
  const aside = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  const handle = await open(aside, 'wx', 0o600)
  await handle.writeFile(`${randomBytes(BYTES).toString('hex')}\n`)
  await handle.sync()
  await handle.close()
  await chmod(aside, 0o600)
  await link(aside, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await unlink(aside)
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  )
}
