import type { Hono } from 'hono'
import { CATEGORIES } from '../core/base/harm.ts'
import { languageAsked } from '../core/briefs/format.ts'
import { TRUST_STYLE, type TrustScope, trustPage, trustText } from '../core/briefs/trust-page.ts'
import type { PublicTrust } from './contract.ts'
import type { AdminPorts } from './ports.ts'
import { apiError } from './replies.ts'

const STYLE_PATH = '/trust/page.css'

/** What a caller reads who was told that its request needs trusted access: anybody may, and nothing here is a secret. */
export function publicTrustRoutes(app: Hono, ports: AdminPorts): void {
  app.get(STYLE_PATH, (c) => c.body(TRUST_STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }))
  app.get('/trust/:scope', (c) => {
    const name = c.req.param('scope')
    const json = name.endsWith('.json')
    const found = scopeOf(json ? name.slice(0, -5) : name, ports)
    if (found === null) {
      const known = CATEGORIES.map((category) => scopeName(category, ports)).join(', ')
      return apiError(c, 404, 'not_found', 'no scope of trusted access has this name', `take one of: ${known}`)
    }
    if (json)
      return c.json({
        ...found,
        available: false,
        text: { ja: trustText('ja', found).join('\n'), en: trustText('en', found).join('\n') },
      } satisfies PublicTrust)
    const lang = languageAsked(c.req.header('accept-language'))
    c.header('vary', 'accept-language')
    return c.html(trustPage(lang, found, STYLE_PATH))
  })
}

function scopeOf(scope: string, ports: AdminPorts): TrustScope | null {
  const category = CATEGORIES.find((one) => scopeName(one, ports) === scope)
  return category === undefined ? null : { scope, category, contact: ports.trustContact }
}

/** As policy names it; a category without a scope of its own is opened by one of its name. */
function scopeName(category: (typeof CATEGORIES)[number], ports: AdminPorts): string {
  return ports.policy().harms[category].trustScope ?? category
}
