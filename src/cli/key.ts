import type { KeyMade, KeyRow } from '../admin/contract.ts'
import { adminUrl, callAdmin, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, table } from './command.ts'

const USAGE = `sluice key create --name NAME [--org ORG] [--detail minimal|standard|full]
                  [--disclosure standard|block|notice] [--language ja|en]
                  [--trust refusal|error] [--mirror] [--prefer-server-fallback] [--may-choose-mode]
                  [--segment NAME]   kind of traffic, in reports
sluice key list
sluice key revoke KEY
`

export const takes: Takes = {
  command: 'key',
  flags: ['json', 'mirror', 'prefer-server-fallback', 'may-choose-mode'],
  values: ['admin', 'name', 'org', 'detail', 'disclosure', 'language', 'trust', 'segment'],
  page: USAGE,
}

/** `sluice key`: keys of a running instance. The secret is printed once, by the command that makes it. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [verb, id] = rest
  const base = adminUrl(options.get('admin'))
  const json = options.has('json')
  return reporting(terminal, async () => {
    if (verb === 'create' && options.has('name')) {
      const made = await callAdmin<KeyMade>(base, '/api/keys', {
        name: options.get('name'),
        ...org(options),
        settings: settings(options),
      })
      terminal.stdout(json ? `${JSON.stringify(made)}\n` : `${made.secret}\n`)
      if (!json) terminal.stderr(`${made.id}: this secret is shown once; send it as x-api-key or Bearer\n`)
      return EXIT.done
    }
    if (verb === 'list') {
      const keys = await callAdmin<readonly KeyRow[]>(base, '/api/keys')
      const rows = keys.map((key) => [key.id, key.name, key.org, key.settings.detail, stateOf(key)])
      terminal.stdout(json ? `${JSON.stringify(keys)}\n` : table([['key', 'name', 'org', 'detail', 'state'], ...rows]))
      return EXIT.done
    }
    if (verb === 'revoke' && id !== undefined) {
      await callAdmin(base, `/api/keys/${encodeURIComponent(id)}`, undefined, 'DELETE')
      terminal.stdout(json ? `${JSON.stringify({ id, revoked: true })}\n` : `${id} revoked\n`)
      return EXIT.done
    }
    terminal.stderr(USAGE)
    return EXIT.usage
  })
}

function org(options: ReadonlyMap<string, string>) {
  return options.has('org') ? { org: options.get('org') } : {}
}

function settings(options: ReadonlyMap<string, string>): Record<string, unknown> {
  const named = {
    ...{ detail: 'detail', disclosure: 'disclosure', language: 'language', trust: 'onTrustRequired' },
    segment: 'segment',
  }
  const flags = {
    mirror: 'mirrorRefusal',
    'prefer-server-fallback': 'preferServerFallback',
    'may-choose-mode': 'mayChooseMode',
  }
  return {
    ...Object.fromEntries(
      Object.entries(named).flatMap(([flag, name]) => (options.has(flag) ? [[name, options.get(flag)]] : [])),
    ),
    ...Object.fromEntries(Object.entries(flags).flatMap(([flag, name]) => (options.has(flag) ? [[name, true]] : []))),
  }
}

function stateOf({ revokedAtMs }: KeyRow): string {
  return revokedAtMs === null ? 'valid' : `revoked ${new Date(revokedAtMs).toISOString().slice(0, 16)}Z`
}
