/** One example of the wire: a complete body, or the events of a complete stream. */
export interface Fence {
  /** Number of the heading it stands under, its form and type, and which of several: `8 json anthropic:ErrorResponse #2`. */
  readonly name: string
  readonly kind: 'json' | 'sse'
  /** `package:Type`. */
  readonly type: string
  /** The bytes as they are served. */
  readonly text: string
  /** The body, or one value per event; the end mark of a Chat stream is not one. */
  readonly values: readonly Json[]
}

export type Json = { readonly [member: string]: unknown }

/** Every fence `json type=T` or `sse type=T` of a Markdown text, in order. @throws {Error} an example that is not JSON. */
export function readFences(markdown: string): readonly Fence[] {
  const fences: Fence[] = []
  const seen = new Map<string, number>()
  let section = '0'
  for (const [, heading, info, text] of markdown.matchAll(/^#{2,3} ([\d.]+).*$|^```([^\n]*)\n([\s\S]*?)^```$/gm)) {
    if (heading !== undefined) section = heading.replace(/\.$/, '')
    const typed = info?.match(/^(json|sse) type=(\S+)$/)
    if (typed === null || typed === undefined) continue
    const [, kind, type] = typed as unknown as [string, Fence['kind'], string]
    const key = `${section} ${kind} ${type}`
    const nth = (seen.get(key) ?? 0) + 1
    seen.set(key, nth)
    const name = nth === 1 ? key : `${key} #${nth}`
    fences.push({ name, kind, type, text: text!, values: kind === 'json' ? [parse(text!, name)] : events(text!, name) })
  }
  return fences
}

export function eventData(stream: string): readonly string[] {
  return [...stream.matchAll(/^data: (.*)$/gm)].map(([, data]) => data!).filter((data) => data !== '[DONE]')
}

function events(text: string, name: string): readonly Json[] {
  return eventData(text).map((data) => parse(data, name))
}

function parse(text: string, name: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new Error(`the example \`${name}\` is not JSON`, { cause })
  }
}

/** The value without every member called `sluice`, at any depth: what the vendors' own types must accept. */
export function withoutSluice(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSluice)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([member, held]) => (member === 'sluice' ? [] : [[member, withoutSluice(held)]])),
  )
}
