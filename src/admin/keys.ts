import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { SEGMENTS } from '../core/base/segments.ts'
import type { ApiKey } from '../core/trust/api-key.ts'
import { DEFAULT_KEY_SETTINGS } from '../core/trust/key-settings.ts'
import type { KeyMade, KeyRow } from './contract.ts'
import type { AdminPorts } from './ports.ts'
import { apiError } from './replies.ts'

const schema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  org: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'wanted letters, digits, dot, dash or underscore, at most 64')
    .default('default'),
  settings: z
    .strictObject({
      detail: z.enum(['minimal', 'standard', 'full']),
      disclosure: z.enum(['standard', 'block', 'notice']).nullable(),
      language: z.enum(['ja', 'en']).nullable(),
      mirrorRefusal: z.boolean(),
      onTrustRequired: z.enum(['refusal', 'error']),
      preferServerFallback: z.boolean(),
      mayChooseMode: z.boolean(),
      segment: z.enum(SEGMENTS).nullable(),
    })
    .partial()
    .default({}),
})

/** Keys of Sluice: made, listed and revoked. A secret is shown in the answer that makes it, and never again. */
export function keyRoutes(app: Hono, ports: AdminPorts): void {
  app.get('/api/keys', (c) => c.json(ports.keys().map(keyRow)))
  app.post('/api/keys', async (c) => {
    const body = schema.safeParse(await c.req.json().catch(() => null))
    if (!body.success) {
      const faults = body.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
      return apiError(c, 400, 'key_invalid', faults, 'give the key a name, and settings of these kinds')
    }
    const settings = Object.fromEntries(Object.entries(body.data.settings).filter(([, value]) => value !== undefined))
    const { key, secret } = await ports.addKey(body.data.name, body.data.org, { ...DEFAULT_KEY_SETTINGS, ...settings })
    return c.json({ ...keyRow(key), secret } satisfies KeyMade, 201)
  })
  app.delete('/api/keys/:id', (c) => revoke(c, ports))
}

async function revoke(c: Context, ports: AdminPorts): Promise<Response> {
  const id = c.req.param('id') ?? ''
  if (await ports.revokeKey(id)) return c.json({ id, revoked: true })
  return apiError(c, 404, 'not_found', 'no valid key of that id', 'see `sluice key list`')
}

function keyRow({ hash: _hash, ...row }: ApiKey): KeyRow {
  return row
}
