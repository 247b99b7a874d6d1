import { hash32 } from '../../core/base/hash32.ts'
import type { OwnSource, Seeds, Side, Template, TrainingRow } from '../training-ports.ts'
import { share } from './draw.ts'
import { type Chosen, chooseAt, fill } from './fill.ts'
import { PairsError } from './pairs-error.ts'
import { roughness } from './roughen.ts'

/** A row of the shared data schema that knows its template and its counterpart. */
export interface PairRow extends TrainingRow {
  readonly license: 'CC0-1.0'
  readonly split: 'train' | 'dev'
  /** The same for the two rows of a pair. */
  readonly pair: string
  readonly template: string
  readonly subject: string
}

export interface Expansion {
  /** Another seed, other slot values; ids of templates and their split stay. */
  readonly seed: number
  /** How many pairs of each template; more begin with the same ones. */
  readonly perTemplate: number
  /** Whether a template of fewer texts gives those it has; else it is an error. */
  readonly orFewer?: boolean
}

/** Twice the 4,000 pairs that were asked for: a further text of a template teaches far less than a further template. */
export const DEFAULT_EXPANSION: Expansion = { seed: 1, perTemplate: 8 }

/** Of each topic this many requests, in as many forms: a further topic teaches more than a further form, and takes less. */
export const REQUEST_EXPANSION: Expansion = { seed: 1, perTemplate: 2 }

/** Everyday requests stand as they are. */
export const EVERYDAY_EXPANSION: Expansion = { seed: 1, perTemplate: 1 }

/** What the head of one family is told apart from: of so few examples it learns less, and needs more neighbours. */
export const HEAD_EXPANSION: Expansion = { seed: 1, perTemplate: 16, orFewer: true }

/** Enough for 300 texts in each of the two large regression sets in `data/regression`. Its seed does not change. */
export const REGRESSION_EXPANSION: Expansion = { seed: 1, perTemplate: 10 }

/** Draws per wanted pair before a template counts as used up. */
const TRIES = 12
/**
 * Share of templates that are held out, whole: a pair is measured on a wording that was never learned from, a request on
 * a topic that was not. Whole files that teach nothing at all: requests by another writer, and regression sets.
 */
const HELD_OUT = {
  'sluice-pairs': 0.3,
  'sluice-requests': 0.12,
  'sluice-unseen': 1,
  'sluice-everyday': 0.2,
  'sluice-regression': 1,
} as const satisfies Record<OwnSource, number>

/**
 * The rows of all templates, two for a pair and one for a regression text. Deterministic; no two rows have one text, and
 * no two pairs of a template differ only in what stands around them.
 *
 * @throws {PairsError} `slot_unknown`; `template_exhausted`: too few slot values for `perTemplate`
 */
export function expandPairs(seeds: Seeds, expansion: Expansion): readonly PairRow[] {
  const seen = new Set<string>()
  return seeds.templates.flatMap((template) => expandOne(template, seeds, expansion, seen))
}

/** Where the rows of a template belong, by its id alone: adding templates moves none. */
export function splitOf({ id, source }: Pick<Template, 'id' | 'source'>): 'train' | 'dev' {
  return share(`split 4 ${id}`) < HELD_OUT[source] ? 'dev' : 'train'
}

function expandOne(template: Template, { shared }: Seeds, expansion: Expansion, seen: Set<string>): PairRow[] {
  const common = shared[template.lang] ?? {}
  const key = `${expansion.seed} ${template.id}`
  const rows: PairRow[] = []
  const wanted = expansion.perTemplate * template.sides.length
  for (let i = 0; rows.length < wanted; i++) {
    if (i >= expansion.perTemplate * TRIES) {
      if (expansion.orFewer === true) break
      throw new PairsError(
        'template_exhausted',
        `${template.id}: fewer than ${expansion.perTemplate} texts; add slot values`,
      )
    }
    const chosen = chooseAt(template.slots, common, i, key)
    const bare = template.sides.map((side) => turnsOf(template, side, chosen))
    const texts = bare.map((turns) => JSON.stringify(turns))
    if (texts.some((text) => seen.has(text))) continue
    for (const text of texts) seen.add(text)
    const [opener, closer] = template.tone === 'plain' ? ['plain_opener', 'plain_closer'] : ['opener', 'closer']
    const wrapped = bare.map((turns) => wrap(turns, chosen(opener), chosen(closer)))
    const roughen = roughness(wrapped.map(userText), template.lang, `${key} ${i}`)
    const pair = `${template.id}.${expansion.seed}.${i}`
    template.sides.forEach((side, s) => {
      const turns = wrapped[s]!.map((turn) =>
        turn.role === 'user' ? { ...turn, content: roughen(turn.content) } : turn,
      )
      rows.push(rowOf(template, side, turns, pair))
    })
  }
  return rows
}

function turnsOf(template: Template, side: Side, chosen: Chosen): PairRow['turns'] {
  return template.turns.map(({ role, content }) => ({
    role,
    content: fill(content, side, chosen, template.lang).trim(),
  }))
}

/** A greeting before and a wish after the last thing the user says; never inside a code block. */
function wrap(turns: PairRow['turns'], opener: string, closer: string): PairRow['turns'] {
  const last = turns.findLastIndex(({ role }) => role === 'user')
  return turns.map((turn, at) => {
    if (at !== last) return turn
    const gap = turn.content.endsWith('```') && closer !== '' ? '\n\n' : ''
    return { ...turn, content: opener + turn.content + gap + (gap === '' ? closer : closer.trim()) }
  })
}

function userText(turns: PairRow['turns']): string {
  return turns.flatMap(({ role, content }) => (role === 'user' ? [content] : [])).join('\n')
}

function rowOf(template: Template, side: Side, turns: PairRow['turns'], pair: string): PairRow {
  const harmful = side === 'harmful'
  return {
    id: idOf(template.id, JSON.stringify(turns)),
    lang: template.lang,
    turns,
    label: harmful ? 'harmful' : template.label,
    attack: harmful ? template.attack : null,
    category: harmful ? template.category : 'none',
    target: 'prompt',
    source: template.source,
    license: 'CC0-1.0',
    quality: 'gold',
    split: splitOf(template),
    pair,
    template: template.id,
    subject: template.subject,
  }
}

/**
 * Sixteen hex digits. The first six come from the template: training chooses its calibration rows by them, and siblings
 * of a text that is learned from would calibrate too well.
 */
export function idOf(template: string, text: string): string {
  const hex = (value: number) => value.toString(16).padStart(8, '0')
  return hex(hash32(`id ${template}`)).slice(0, 6) + hex(hash32(`a ${text}`)) + hex(hash32(`b ${text}`)).slice(0, 2)
}
