import { membersAt, skipBlanks } from './json-edit.ts'

/** Objects that a caller's client takes over whole: `sluice` in one of them would stand in what it gives its caller. */
const HOLDERS: ReadonlySet<string> = new Set(['response', 'message'])

/**
 * The JSON without members named `sluice` at its top, in its `response` or in its `message`: what stands there speaks for
 * this gateway, so an upstream may not write it, however it spells the name. Everything else keeps its bytes.
 *
 * @param text JSON. Where nothing in it can be such a name, it is not read.
 * @returns the text itself where there is nothing to remove.
 */
export function withoutSluice(text: string): string {
  return mayName(text) ? stripped(text, HOLDERS) : text
}

/** Plain, or with some of its letters as escapes: all of those begin alike. */
function mayName(text: string): boolean {
  return text.includes('"sluice"') || text.includes('\\u00')
}

function stripped(text: string, holders: ReadonlySet<string>): string {
  let changed = false
  const kept: string[] = []
  for (const { name, start, end, valueStart } of membersAt(text, skipBlanks(text, 0))) {
    const value = text.slice(valueStart, end)
    const inner = holders.has(name) ? stripped(value, NONE) : value
    changed ||= name === 'sluice' || inner !== value
    if (name !== 'sluice') kept.push(text.slice(start, valueStart) + inner)
  }
  return changed ? `{${kept.join(',')}}` : text
}

const NONE: ReadonlySet<string> = new Set()
