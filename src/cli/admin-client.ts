import type { ApiError } from '../admin/contract.ts'
import { CodedError } from '../core/base/errors.ts'
import { loadConfig } from '../io/config/config.ts'

/** The running instance does not answer, or says no. */
export class AdminClientError extends CodedError<'unreachable' | 'refused'> {}

/** Address of the running instance's admin API: `--admin URL`, else what the configuration says. */
export function adminUrl(given: string | undefined): string {
  if (given !== undefined) return given.replace(/\/+$/, '')
  return `http://127.0.0.1:${loadConfig(process.env, process.cwd()).adminPort}`
}

/** One call of the admin API. @throws {AdminClientError} with a next step in the message. */
export async function callAdmin<T>(base: string, path: string, body?: unknown, method = 'POST'): Promise<T> {
  let response: Response
  try {
    const init =
      body === undefined
        ? method === 'DELETE'
          ? { method }
          : {}
        : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    response = await fetch(base + path, init)
  } catch (cause) {
    throw new AdminClientError(
      'unreachable',
      `no Sluice answers at ${base}; start one with \`npx sluice\`, or name it with --admin URL`,
      { cause },
    )
  }
  const json = (await response.json()) as T | ApiError
  if (response.ok) return json as T
  const { message, next } = (json as ApiError).error
  throw new AdminClientError('refused', `${message}; ${next}`)
}

/** Runs a command against the admin API, with the exit code of what went wrong. */
export async function reporting(terminal: { stderr(text: string): void }, act: () => Promise<number>): Promise<number> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    terminal.stderr(`sluice: ${error.message}\n`)
    return error.code === 'unreachable' ? 3 : 1
  }
}
