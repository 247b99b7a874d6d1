import { readFileSync } from 'node:fs'
import { type Fence, type Json, readFences, withoutSluice } from './fences.ts'
import type { Sample } from './types.ts'

/** The examples of the wire, from examples.md beside this, or from the Markdown file that SLUICE_WIRE_SPEC names. */
export const fixture = readFileSync(new URL('./examples.md', import.meta.url), 'utf8')
export const spec = process.env.SLUICE_WIRE_SPEC
export const fences = readFences(spec === undefined ? fixture : readFileSync(spec, 'utf8'))

/** Bytes of an example. */
export function example(name: string): string {
  return fenceOf(name).text
}

export function fenceOf(name: string): Fence {
  const found = fences.find((fence) => fence.name === name)
  if (found === undefined) throw new Error(`there is no example \`${name}\``)
  return found
}

/** Where the packages' own types are behind what their clients understand. */
export interface Exemption {
  readonly type: string
  /** Only events of this type. */
  readonly event?: string
  /** What the compiler must say without the exemption. */
  readonly error: string
  readonly text: string
  /** The type that holds instead. */
  readonly as: string
  readonly why: string
}
export const exemptions = JSON.parse(/^```json exemptions\n([\s\S]*?)^```$/m.exec(fixture)![1]!) as readonly Exemption[]

export function exemptionOf({ type, value }: Sample): Exemption | undefined {
  return exemptions.find((one) => one.type === type && (one.event === undefined || one.event === (value as Json).type))
}

/** As the packages must take it: without what is ours, and of the type that stands in where one is exempted. */
export function sampleOf(sample: Sample): Sample {
  const value = withoutSluice(sample.value)
  return { ...sample, type: exemptionOf(sample)?.as ?? sample.type, value }
}
