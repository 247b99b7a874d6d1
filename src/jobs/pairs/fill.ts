import type { Side, Slots } from '../training-ports.ts'
import { drawAt } from './draw.ts'
import { PairsError } from './pairs-error.ts'

const PLACE = /\{([a-z][a-z0-9_]*)\}/g
const PARTING = /\[\[([\s\S]*?)\|\|([\s\S]*?)\]\]/g
/** A slot value may hold slots, whose values may hold slots, and no deeper: a circle ends here. */
const MAX_DEPTH = 3

/** Which value each slot of one pair takes; asked with the same name it gives the same answer on both sides. */
export type Chosen = (slot: string) => string

/**
 * Draw `i` of the slots of a template.
 * @throws {PairsError} `slot_unknown`
 */
export function chooseAt(own: Slots, shared: Slots, i: number, key: string): Chosen {
  return (slot) => {
    const list = own[slot] ?? shared[slot]
    if (list === undefined || list.length === 0)
      throw new PairsError(
        'slot_unknown',
        `${key}: no slot \`${slot}\`; add it to \`slots\` of the template or its language`,
      )
    return drawAt(list, i, `${key} ${slot}`)
  }
}

/** The text of one side. In English, values that begin a sentence begin with a capital. */
export function fill(skeleton: string, side: Side, chosen: Chosen, lang: string): string {
  let text = skeleton.replace(PARTING, (_, harmless: string, harmful: string) =>
    (side === 'harmless' ? harmless : harmful).trim(),
  )
  for (let depth = 0; depth < MAX_DEPTH && text.search(PLACE) >= 0; depth++)
    text = text.replace(PLACE, (_, slot: string, at: number, whole: string) => {
      const value = sideOf(chosen(slot), side)
      return lang === 'en' && /(?:^|[.?!]"?\s)$/.test(whole.slice(0, at)) ? capitalised(value) : value
    })
  return text
}

/** Text with its partings undone: what both sides may say, for measuring how far two skeletons are alike. */
export function words(skeleton: string): string {
  return skeleton.replace(PARTING, ' $1 $2 ').replace(PLACE, ' ')
}

function sideOf(value: string, side: Side): string {
  const [harmless, harmful] = value.split('||')
  return (side === 'harmful' && harmful !== undefined ? harmful : harmless!).trim()
}

function capitalised(value: string): string {
  return value.charAt(0).toUpperCase() + value.slice(1)
}
