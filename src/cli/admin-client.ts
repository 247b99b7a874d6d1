import type { ApiError } from '../admin/contract.ts'
import { CodedError } from '../core/base/errors.ts'
import { loadConfig } from '../io/config/config.ts'
import { failed, type Terminal } from './command.ts'

/** The running instance does not answer, or says no. */
export class AdminClientError extends CodedError<'unreachable' | 'refused'> {}

/** Address of the running instance's admin API: `--admin URL`, else what the configuration says. */
export function adminUrl(given: string | undefined): string {
  if (given !== undefined) return given.replace(/\/+$/, '')
  return `http://127.0.0.1:${loadConfig(process.env, process.cwd()).adminPort}`
}

/** A text as the admin API gives it, byte for byte. @throws {AdminClientError} as `callAdmin`. */
export async function readAdmin(base: string, path: string): Promise<string> {
  const response = await reached(base, path, {})
  if (response.ok) return response.text()
  throw refusal((await response.json()) as ApiError)
}

/** One call of the admin API. @throws {AdminClientError} with a next step in the message. */
export async function callAdmin<T>(base: string, path: string, body?: unknown, method = 'POST'): Promise<T> {
  const init =
    body === undefined
      ? method === 'DELETE'
        ? { method }
        : {}
      : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const response = await reached(base, path, init)
  const json = (await response.json()) as T | ApiError
  if (response.ok) return json as T
  throw refusal(json as ApiError)
}

async function reached(base: string, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(base + path, init)
  } catch (cause) {
    throw new AdminClientError(
      'unreachable',
      `no Sluice answers at ${base}; start one with \`npx sluice\`, or name it with --admin URL`,
      { cause },
    )
  }
}

function refusal({ error: { message, next } }: ApiError): AdminClientError {
  return new AdminClientError('refused', `${message}; ${next}`)
}

/** Runs a command, with the exit code of what went wrong. */
export async function reporting(terminal: Pick<Terminal, 'stderr'>, act: () => Promise<number>): Promise<number> {
  try {
    return await act()
  } catch (error) {
    return failed(error, terminal)
  }
}
