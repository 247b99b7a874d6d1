import type { Category } from '../base/harm.ts'
import { escaped } from './collateral/sections.ts'
import { type Language, message } from './format.ts'
import { STYLE } from './transparency/style.ts'

/** What there is to know of one scope of trusted access before one has it. */
export interface TrustScope {
  readonly scope: string
  readonly category: Category
  /** Where the operator is asked: a URL or a mail address; null where none is named. */
  readonly contact: string | null
}

/** What the scope is, who gives it, and how to ask: one paragraph each. */
export function trustText(lang: Language, { scope, category, contact }: TrustScope): readonly string[] {
  const category_name = message(lang, `category.${category}`, {})
  return [
    message(lang, 'trust.page.what', { scope, category_name }),
    message(lang, 'trust.page.who', {}),
    contact === null ? message(lang, 'trust.page.no_contact', {}) : message(lang, 'trust.page.contact', { contact }),
    message(lang, 'trust.page.appeal', {}),
  ]
}

/** The sheet of the page, from its own address: nothing stands inline where text of others is shown. */
export const TRUST_STYLE = STYLE

/** A page that needs no script. @param styleUrl Where `TRUST_STYLE` is served. */
export function trustPage(lang: Language, scope: TrustScope, styleUrl: string): string {
  const title = escaped(message(lang, 'trust.page.title', { scope: scope.scope }))
  const paragraphs = trustText(lang, scope).map((text) => `<p class="note">${linked(escaped(text), scope.contact)}</p>`)
  return `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${title}</title><link rel="stylesheet" href="${styleUrl}"></head>
<body><main><h1>${title}</h1>${paragraphs.join('')}</main></body></html>
`
}

function linked(text: string, contact: string | null): string {
  if (contact === null) return text
  const href = escaped(contact.includes('://') ? contact : `mailto:${contact}`)
  return text.replace(escaped(contact), (shown) => `<a href="${href}">${shown}</a>`)
}
