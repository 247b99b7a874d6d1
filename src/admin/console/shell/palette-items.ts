import type { PlainKey } from '../words.tsx'
import { PLACES } from './places.ts'

/** What the palette offers: a page, an object by its id, an act of the frame, or a search. */
export type PaletteItem =
  | { readonly kind: 'place'; readonly to: string; readonly name: PlainKey; readonly keys: string }
  | { readonly kind: 'object'; readonly to: string; readonly id: string }
  | { readonly kind: 'act'; readonly act: PaletteAct; readonly name: PlainKey; readonly keys: string }
  | { readonly kind: 'find'; readonly to: string; readonly text: string; readonly where: 'live' | 'record' }

export type PaletteAct = 'mode' | 'keys'

/** Chords that go to a page: what the keys do, the list of them, and the palette say the same. */
export const GO_KEYS: Readonly<Record<string, (typeof PLACES)[number]['to']>> = {
  'g h': '/',
  'g l': '/live',
  'g q': '/review',
  'g r': '/review',
  'g a': '/appeals',
  'g s': '/releases',
  'g c': '/collateral',
  'g i': '/jailbreaks',
  'g e': '/record',
}

const ACTS = [
  { kind: 'act', act: 'mode', name: 'palette.mode', keys: '' },
  { kind: 'act', act: 'keys', name: 'palette.keys', keys: '?' },
] as const satisfies readonly PaletteItem[]

/** Ids by their form, and the page of each. */
const OBJECTS: readonly (readonly [form: RegExp, page: (id: string) => string])[] = [
  [/^dec_\w+$/, (id) => `/decisions/${id}`],
  [/^apl_\w+$/, (id) => `/appeals/${id}`],
  [/^rev_\w+$/, (id) => `/review?item=${id}`],
  [/^rel_\w+$/, (id) => `/releases/${id}`],
  [/^col_\w+$/, (id) => `/collateral/${id}`],
  [/^JRX-\d{4}-\d+$/i, (id) => `/jailbreaks/${id.toUpperCase()}`],
  [/^JSS:/i, (id) => `/severity?vector=${encodeURIComponent(id)}`],
  [/^\d{1,16}$/, (id) => `/record/${id}`],
]

/**
 * What fits what was typed, in the order of the groups; everything there is to go to and do where nothing was.
 * @param nameOf The words of the language that is read.
 */
export function paletteItems(typed: string, nameOf: (key: PlainKey) => string): readonly PaletteItem[] {
  // Ids and names typed full-width mean the same.
  const text = typed.normalize('NFKC').trim()
  const fits = (name: PlainKey) => nameOf(name).toLowerCase().includes(text.toLowerCase())
  const objects = OBJECTS.filter(([form]) => form.test(text)).map(([, page]) => ({
    ...{ kind: 'object' as const, to: page(text), id: text },
  }))
  const places = PLACES.filter(
    ({ to, name }) => fits(name) || (text !== '' && to.slice(1).startsWith(text.toLowerCase())),
  )
  const acts = ACTS.filter(({ name }) => fits(name))
  const find =
    text === ''
      ? []
      : (['live', 'record'] as const).map((where) => ({
          ...{ kind: 'find' as const, where, text, to: `/${where}?${new URLSearchParams({ q: text })}` },
        }))
  return [
    ...objects,
    ...places.map(({ to, name }) => ({ kind: 'place' as const, to, name, keys: keysTo(to) })),
    ...acts,
    ...find,
  ]
}

/** The first chord that goes there, as it is shown: `G L`. */
export function keysTo(to: string): string {
  return (
    Object.entries(GO_KEYS)
      .find(([, place]) => place === to)?.[0]
      .toUpperCase() ?? ''
  )
}
