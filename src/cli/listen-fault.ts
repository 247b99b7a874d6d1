import { CodedError } from '../core/base/errors.ts'

/** Nothing can listen there. The message names the port, and the setting that chooses another. */
export class ListenError extends CodedError<'port_unavailable'> {}

/** Where something was to listen, and the environment variable of its port. */
interface Place {
  readonly host: string
  readonly port: number
  readonly variable: 'SLUICE_PORT' | 'SLUICE_ADMIN_PORT'
}

/** What the operating system said to a listener, in words and with a next step; any other error as it is. */
export function listenFault(error: unknown, { host, port, variable }: Place): unknown {
  const elsewhere = `${host} is no address of this machine; choose another with SLUICE_HOST`
  const text = {
    EADDRINUSE: `port ${port} is taken; choose another with ${variable}`,
    EACCES: `port ${port} may not be opened by this user; choose another with ${variable}`,
    EADDRNOTAVAIL: elsewhere,
    ENOTFOUND: elsewhere,
  }[(error as { code?: string }).code ?? '']
  return text === undefined ? error : new ListenError('port_unavailable', text, { cause: error })
}
