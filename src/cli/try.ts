import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodedError } from '../core/base/errors.ts'
import { loadConfig } from '../io/config/config.ts'
import { reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, table } from './command.ts'
import { startSluice } from './start-sluice.ts'
import { TRY_PROMPTS, type TryPrompt } from './try-prompts.ts'

export const takes: Takes = {
  command: 'try',
  flags: ['json'],
  values: ['url'],
}

/** Nothing answers where the prompts were to go. */
class TryError extends CodedError<'unreachable'> {}

interface Tried {
  readonly id: string
  readonly lang: string
  readonly kind: string
  readonly action: string
  /** `x-sluice-mode` of the answer; empty: it has none. */
  readonly mode: string
  readonly category: string
  readonly served: string
  readonly overheadMs: number
  readonly status: number
}

/**
 * `sluice try`: about thirty prompts of its own through a private enforcing instance with the rehearsal model, or
 * through the gateway at `--url`, and what was done with each. Nothing of it reaches a running instance's store.
 */
export const run: Command = async (args, terminal) => {
  const { options } = parseFlags(args, takes)
  return reporting(terminal, async () => {
    const url = options.get('url')
    const rows = url === undefined ? await withPrivate(tryAll) : await tryAll(url.replace(/\/+$/, ''))
    terminal.stdout(options.has('json') ? `${JSON.stringify(rows)}\n` : render(rows))
    return rows.every(({ status }) => status === 200) ? EXIT.done : EXIT.negative
  })
}

function privateConfig(environment: Record<string, string>, folder: string) {
  const config = loadConfig(environment, folder)
  return { ...config, callers: { ...config.callers, detail: 'full' as const } }
}

async function withPrivate(act: (url: string) => Promise<readonly Tried[]>): Promise<readonly Tried[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-try-'))
  const environment = { SLUICE_DATA: folder, SLUICE_MODE: 'enforce', SLUICE_PORT: '0', SLUICE_ADMIN_PORT: '0' }
  const sluice = await startSluice(privateConfig(environment, folder), () => undefined)
  try {
    return await act(sluice.facts.gatewayUrl)
  } finally {
    await sluice.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function tryAll(url: string): Promise<readonly Tried[]> {
  const rows: Tried[] = []
  for (const prompt of TRY_PROMPTS) rows.push(await tryOne(url, prompt))
  return rows
}

async function tryOne(url: string, prompt: TryPrompt): Promise<Tried> {
  const { id, lang, kind, turns, say } = prompt
  const init = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer sluice-try',
      'accept-language': lang,
      // Understood by the rehearsal model only: it answers this text, so that the output classifier has work to do.
      ...(say === undefined ? {} : { 'x-rehearsal-say': Buffer.from(say).toString('base64url') }),
    },
    body: JSON.stringify({ model: 'rehearsal-large', messages: turns.map(asChatMessage) }),
  }
  const response = await reached(`${url}/v1/chat/completions`, init)
  const header = (name: string) => response.headers.get(name) ?? ''
  return {
    id,
    lang,
    kind,
    action: header('x-sluice-action'),
    mode: header('x-sluice-mode'),
    category: header('x-sluice-category') || '–',
    served: header('x-sluice-served-model') || '–',
    overheadMs: Number(header('x-sluice-overhead-ms')),
    status: response.status,
  }
}

/** The answer, read to its end. @throws {TryError} */
async function reached(address: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(address, init)
    await response.arrayBuffer()
    return response
  } catch (cause) {
    const next = 'name a running gateway with --url, or leave it out for a private one'
    throw new TryError('unreachable', `nothing answers at ${address}; ${next}`, { cause })
  }
}

function asChatMessage(turn: { readonly role: string; readonly content: string }): Record<string, string> {
  return turn.role === 'tool' ? { ...turn, tool_call_id: 'call_try' } : { ...turn }
}

function render(rows: readonly Tried[]): string {
  const head = ['prompt', 'lang', 'kind', 'action', 'category', 'served by', 'overhead ms']
  const counts = new Map<string, number>()
  for (const { action } of rows) counts.set(action, (counts.get(action) ?? 0) + 1)
  const body = rows.map((row) => [
    row.id,
    row.lang,
    row.kind,
    row.action,
    row.category,
    row.served,
    row.overheadMs.toFixed(2),
  ])
  const summary = [...counts].map(([action, n]) => `${action} ${n}`).join(' · ')
  return `${table([head, ...body])}\n${rows.length} prompts: ${summary}\n${modeNote(rows)}`
}

/** What keeps the actions from being those of a safeguard that acts. */
function modeNote(rows: readonly Tried[]): string {
  const modes = new Set(rows.map(({ mode }) => mode))
  if (modes.has('')) return 'some answers carry no `x-sluice-mode`: what answers there is no Sluice\n'
  if (modes.has('off')) return 'mode off: nothing was inspected; `sluice enforce -m REASON` lets the safeguard act\n'
  if (modes.has('observe'))
    return 'mode observe: nothing is refused or diverted, whatever was found; the console shows what would have been, and `sluice enforce -m REASON` lets the safeguard act\n'
  return ''
}
