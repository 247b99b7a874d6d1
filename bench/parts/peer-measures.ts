import { regressionSets } from '../../src/cli/regression-sets.ts'
import { type Measured, measuredOrNull } from '../../src/core/classifier/evaluation/measured.ts'
import { appliesTo, EVASIONS, evade } from '../../src/core/classifier/evasions.ts'
import { attempt, MOVES } from '../../src/core/classifier/mutations.ts'
import type { Action } from '../../src/core/policy/policy.ts'
import type { TrainingRow } from '../../src/jobs/training-ports.ts'
import {
  ADDRESSES,
  ALL_PHRASES,
  CARRIERS,
  DATA_CARRIERS,
  DATA_PATTERNS,
  filled,
  HARMLESS_PHRASES,
  INSIDE_WORDS,
  KEYS,
  PERSONAL,
  PHRASES,
} from './check-texts.ts'
import { ourRule } from './our-rule.ts'
import type { PeerChecks, Verdict } from './peer-checks.ts'

/** Shares with their samples; a cell is null where there is nothing to take a share of. */
export interface Table {
  readonly title: string
  readonly about: string
  readonly columns: readonly string[]
  /** Columns that answer the same question, by index, and whether a greater share is the better one. */
  readonly pairs: readonly { readonly peer: number; readonly ours: number; readonly better: 'more' | 'less' }[]
  readonly rows: readonly { readonly name: string; readonly cells: readonly (Measured | null)[] }[]
}

/** What the shipped safeguard decides of a request, by its classifier alone. */
export type Decide = (turns: TrainingRow['turns']) => Action

/** Attempts at each text by a guessing attacker: one to three moves each. */
const ATTEMPTS = 3

export async function keywordEvasion(peer: PeerChecks, decide: Decide): Promise<Table> {
  const texts = filled(CARRIERS.en, PHRASES.en)
  const harmless = filled(CARRIERS.en, HARMLESS_PHRASES.en)
  const classifier: Side<Turns> = async (turns) => decide(turns) !== 'allow'
  const sides = [byTurn(peer.checks['Keyword Filter']), byTurn(ourRule({ phrases: ALL_PHRASES })), classifier]
  const padding = [...(await regressionSets()).get('chemistry')!].slice(0, 20).map(textOf)
  const attempts = (some: readonly string[]) =>
    some.flatMap((text) =>
      Array.from({ length: ATTEMPTS }, (_, n) => ({ text, ...attempt(text, text, n + 1, padding) })),
    )
  const [tried, triedHarmless] = [attempts(texts), attempts(harmless)]
  const row = async (name: string, of: readonly Changed[], ofHarmless: readonly Changed[]) => ({
    name,
    cells: await all([
      ...sides.map((side) => kept(of, side)),
      found(
        ofHarmless.map(({ turns }) => turns),
        classifier,
      ),
    ]),
  })
  return {
    title: 'Keywords, evaded',
    about:
      'English phrases in sentences; the whole text is transformed. Of the texts that a side finds as they are written, ' +
      'the share that it still finds. The classifier is not told the phrases: it finds fewer as they are written (first ' +
      'row), and an odd spelling alone may alarm it (last column: harmless sentences, changed alike; flagged or more). ' +
      'Below: attempts of one to three moves, as a guessing attacker makes them, by the moves that are among them.',
    columns: ['peer: keyword filter', 'Sluice: rule', 'Sluice: classifier', 'harmless, acted on by the classifier'],
    pairs: [{ peer: 0, ours: 1, better: 'more' }],
    rows: [
      {
        name: 'as written, share found',
        cells: await all([...sides.map((side) => found(texts.map(said), side)), found(harmless.map(said), classifier)]),
      },
      ...(await each(EVASIONS, (evasion) => {
        const able = (some: readonly string[]) => some.filter((text) => appliesTo(evasion, text))
        const changed = (some: readonly string[]) =>
          able(some).map((text) => ({ text, turns: said(evade(evasion, text)) }))
        return row(evasion, changed(texts), changed(harmless))
      })),
      ...(await each(MOVES, (move) => {
        const among = <T extends { readonly moves: readonly string[] }>(some: readonly T[]) =>
          some.filter(({ moves }) => moves.includes(move))
        return row(`attempts, ${move}`, among(tried), among(triedHarmless))
      })),
    ].filter(({ cells }) => cells[0] !== null),
  }
}

/** What Japanese does to a phrase without anybody meaning to evade: other widths, other kana, no blanks. */
const JAPANESE_FORMS: readonly (readonly [name: string, write: (text: string) => string])[] = [
  ['as written', (text) => text],
  ['full-width letters', (text) => evade('full-width', text)],
  ['half-width katakana', (text) => text.replace(/[ァ-ー]+/g, (kana) => evade('half-width-kana', kana))],
  ['sound marks as characters of their own', (text) => text.normalize('NFD')],
  ['katakana for hiragana', (text) => evade('katakana', text)],
  ['hiragana for katakana', (text) => evade('hiragana', text)],
  ['blanks between', (text) => evade('spacing', text)],
]

export async function japanese(peer: PeerChecks): Promise<Table> {
  const sides = [peer.checks['Keyword Filter'], ourRule({ phrases: ALL_PHRASES })]
  return {
    title: 'Keywords in Japanese',
    about:
      'Share found. Bounded: the phrase stands between brackets, punctuation or line ends. Inside: in a sentence, where ' +
      'Japanese sets no blanks. Only phrases that a form changes are counted in its row.',
    pairs: [
      { peer: 0, ours: 1, better: 'more' },
      { peer: 2, ours: 3, better: 'more' },
    ],
    columns: ['bounded: peer', 'bounded: Sluice', 'inside: peer', 'inside: Sluice'],
    rows: await each(JAPANESE_FORMS, async ([name, write]) => {
      const phrases = PHRASES.ja.filter((phrase) => name === 'as written' || write(phrase) !== phrase).map(write)
      const texts = [filled(CARRIERS.bounded, phrases), filled(CARRIERS.inside, phrases)]
      return { name, cells: await all(texts.flatMap((some) => sides.map((side) => found(some, side)))) }
    }),
  }
}

export async function personalData({ checks }: PeerChecks): Promise<Table> {
  const personal = Object.values(PERSONAL).flat()
  const sides: readonly (readonly [values: readonly string[], side: Verdict])[] = [
    [personal, checks['Contains PII']],
    [personal, checks['encoded PII']],
    [personal, ourRule({ patterns: DATA_PATTERNS.personal })],
    [KEYS, checks['Secret Keys']],
    [KEYS, ourRule({ patterns: DATA_PATTERNS.keys })],
    [ADDRESSES, checks['URL Filter']],
    [ADDRESSES, ourRule({ patterns: DATA_PATTERNS.addresses })],
  ]
  const row = async (name: string, change: (text: string) => string) => ({
    name,
    cells: await all(
      sides.map(([values, side]) => {
        const texts = filled(
          DATA_CARRIERS,
          values.filter((value) => change(value) !== value),
        )
        return kept(
          texts.map((text) => ({ text, turns: said(change(text)) })),
          byTurn(side),
        )
      }),
    ),
  })
  return {
    title: 'Personal data, keys, addresses, evaded',
    about:
      'The peer ships checks for these, Sluice ships none: an operator would write patterns, which read the text as it ' +
      'stands. Made-up e-mail addresses, card and telephone numbers; keys that begin with `sk-`; addresses of the web. ' +
      'Shares as above, of the values that a transformation changes. To the check for keys any long odd word is one, ' +
      'whatever it encodes. The last row puts 20,000 letters of base64 behind the text: there the decoding check ' +
      'fails, and the peer counts a check that failed as one that found nothing.',
    columns: [
      'PII: peer',
      'PII: peer, also encoded',
      'PII: Sluice, patterns',
      'keys: peer',
      'keys: Sluice, pattern',
      'URLs: peer',
      'URLs: Sluice, pattern',
    ],
    pairs: [
      { peer: 0, ours: 2, better: 'more' },
      { peer: 1, ours: 2, better: 'more' },
      { peer: 3, ours: 4, better: 'more' },
      { peer: 5, ours: 6, better: 'more' },
    ],
    rows: [
      {
        name: 'as written, share found',
        cells: await all(sides.map(([values, side]) => found(filled(DATA_CARRIERS, values), side))),
      },
      ...(await each(EVASIONS, (evasion) => row(evasion, (text) => evade(evasion, text)))),
      await row('base64 behind it', (text) => `${text}\n${'QUJD'.repeat(5_000)}`),
    ].filter(({ cells }) => cells[0] !== null),
  }
}

/**
 * What each side would stop of legitimate work.
 * @param more Harmless rows of the reader's own data; none for only what ships.
 */
export async function overBlocking(peer: PeerChecks, decide: Decide, more: readonly TrainingRow[]): Promise<Table> {
  const sets = new Map<string, readonly Pick<TrainingRow, 'turns'>[]>(await regressionSets())
  if (more.length > 0) sets.set('harmless rows of DATA', more)
  const { checks } = peer
  const rule = ourRule({ phrases: ALL_PHRASES })
  const rows = await each(sets, async ([name, set]) => {
    const texts = set.map(textOf)
    const actions = set.map(({ turns }) => decide(turns))
    const above = (few: readonly string[]) =>
      measuredOrNull(actions.filter((action) => few.includes(action)).length, actions.length)
    return {
      name,
      cells: [
        ...(await all([
          found(texts, checks['Keyword Filter']),
          found(texts, checks['Secret Keys']),
          found(texts, checks['URL Filter']),
          found(texts, checks['Contains PII']),
          found(texts, rule),
        ])),
        above(['flag']),
        above(['fall_back', 'require_trust', 'refuse']),
      ],
    }
  })
  return {
    title: 'Legitimate work that is stopped',
    about:
      'The regression sets of this project (`data/regression`), share of texts on which a side acts; each check with its ' +
      'defaults, lists as above. A flag is no stop: the request is answered as asked and marked for a person. The URL filter ' +
      'stops every address that is not on a list, and the list is empty by default.',
    columns: [
      'peer: keyword filter',
      'peer: keys',
      'peer: URLs',
      'peer: PII',
      'Sluice: rule',
      'Sluice: classifier, flagged',
      'Sluice: classifier, diverted or refused',
    ],
    pairs: [{ peer: 0, ours: 4, better: 'less' }],
    rows,
  }
}

export async function insideWords(peer: (keywords: readonly string[]) => PeerChecks): Promise<Table> {
  const words = INSIDE_WORDS.map(([word]) => word)
  const texts = INSIDE_WORDS.map(([, text]) => text)
  return {
    title: 'Letters inside other words',
    about:
      'Short words on the list, and harmless sentences in which their letters stand inside a longer word: share on which a ' +
      'side acts. A phrase of Sluice knows no word boundaries, since Japanese has none; a pattern says where it wants them.',
    columns: ['peer: keyword filter', 'Sluice: phrases', 'Sluice: patterns with `\\b`'],
    pairs: [{ peer: 0, ours: 1, better: 'less' }],
    rows: [
      {
        name: 'harmless sentences',
        cells: await all([
          found(texts, peer(words).checks['Keyword Filter']),
          found(texts, ourRule({ phrases: words })),
          found(texts, ourRule({ patterns: words.map((word) => `(?i)\\b${word}\\b`) })),
        ]),
      },
    ],
  }
}

type Turns = TrainingRow['turns']
type Side<T> = (item: T) => Promise<boolean>
/** A text, and what became of it. */
interface Changed {
  readonly text: string
  readonly turns: Turns
}

function said(content: string): Turns {
  return [{ role: 'user', content }]
}

function textOf({ turns }: { readonly turns: Turns }): string {
  return turns.map(({ content }) => content).join('\n')
}

/** A check that reads texts, on a conversation: each turn of the user by itself. */
function byTurn(side: Verdict): Side<Turns> {
  return async (turns) => {
    for (const { role, content } of turns) if (role === 'user' && (await side(content))) return true
    return false
  }
}

async function found<T>(items: readonly T[], side: Side<T>): Promise<Measured | null> {
  let k = 0
  for (const item of items) if (await side(item)) k++
  return measuredOrNull(k, items.length)
}

async function kept(items: readonly Changed[], side: Side<Turns>): Promise<Measured | null> {
  const plain: Turns[] = []
  for (const { text, turns } of items) if (await side(said(text))) plain.push(turns)
  return found(plain, side)
}

async function each<T, R>(list: Iterable<T>, make: (one: T) => Promise<R>): Promise<readonly R[]> {
  const made: R[] = []
  for (const one of list) made.push(await make(one))
  return made
}

function all<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  return Promise.all(promises)
}
