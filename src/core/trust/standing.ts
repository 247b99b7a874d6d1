/** What a caller may do, as far as policy needs to know: resolved before anything is inspected. */
export interface Standing {
  readonly kind: 'ordinary' | 'trusted'
  /** Scopes of trusted access that hold for this request, dotted: `cyber` covers `cyber.defence`. */
  readonly scopes: readonly string[]
}

export const ORDINARY: Standing = { kind: 'ordinary', scopes: [] }

/** True when one of the scopes held covers the scope asked for: equal, or a dotted prefix of it. */
export function holds(standing: Standing, scope: string): boolean {
  return standing.scopes.some((held) => scope === held || scope.startsWith(`${held}.`))
}
