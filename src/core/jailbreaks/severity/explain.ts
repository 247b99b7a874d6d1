import { isScored, type Level, REACH, type ScoredVector, type SeverityVector, WEIGHTS } from './levels.ts'
import {
  equivalenceShown,
  intervalOf,
  levelOfReliability,
  levelOfUplift,
  type Measurements,
  mismatches,
  requiredTasks,
  type TenthsInterval,
} from './measured.ts'
import { bandOf, ceilingOf, rate, reachOf, scoreText, tenthsOf } from './score.ts'
import { nextBand, type Step, stepsOf } from './steps.ts'
import { type SeverityKey, type SeverityLang, severityWords } from './words.ts'

/** A number in a sentence, and where it comes from: the id of a measurement, or the formula. */
export interface Stated {
  readonly slot: string
  readonly text: string
  readonly from: string
}

export interface Sentence {
  readonly key: SeverityKey
  readonly text: string
  readonly numbers: readonly Stated[]
}

/** Why a vector has its number. `text` is the sentences in order; `notes` stand beside it. */
export interface Explanation {
  readonly text: string
  readonly sentences: readonly Sentence[]
  readonly notes: readonly Sentence[]
  readonly interval: TenthsInterval | null
}

const FORMULA = 'formula'

/**
 * Explains a vector from the formula: band and score; ceiling and why; reach with its parts; what the next band would
 * need; every one-step change; what the legitimate share forbids. Both languages state the same numbers.
 * @throws {RangeError} where the sessions of `measured` are no count.
 */
export function explain(vector: SeverityVector, measured: Measurements | null, lang: SeverityLang): Explanation {
  const say = speaker(lang)
  const interval = measured === null || !isScored(vector) ? null : intervalOf(vector, measured)
  const sentences = [
    ...(isScored(vector)
      ? [headOf(vector, interval, say, lang), ceilingSentence(vector, measured, say, lang)]
      : [rangeOf(vector, say, lang)]),
    say('jss.reach', {
      r: formula(reachOf(vector)),
      parts: join(REACH.map((metric) => severityWords(lang, `jss.part.${metric}.${vector[metric]}` as SeverityKey))),
    }),
    ...(isScored(vector) ? [nextSentence(vector, say, lang), ...stepSentences(vector, say, lang)] : []),
    ...(vector.LG === 'D' || vector.LG === 'M' ? [say(`jss.lg.${vector.LG}`, {})] : []),
  ]
  const notes = measured === null ? [] : notesOf(vector, measured, say)
  const text = sentences.map((sentence) => sentence.text).join(lang === 'en' ? ' ' : '')
  return { text, sentences, notes, interval }

  function join(parts: readonly string[]): string {
    return parts.join(lang === 'en' ? ', ' : '、')
  }
}

/** A slot's value: words, or a number with where it comes from. */
type Slot = string | { readonly text: string; readonly from: string }
type Say = (key: SeverityKey, slots: Readonly<Record<string, Slot>>) => Sentence

function speaker(lang: SeverityLang): Say {
  return (key, slots) => {
    const texts = Object.entries(slots).map(([name, slot]) => [name, typeof slot === 'string' ? slot : slot.text])
    const numbers = Object.entries(slots).flatMap(([slot, value]) =>
      typeof value === 'string' ? [] : { slot, ...value },
    )
    return { key, text: severityWords(lang, key, Object.fromEntries(texts)), numbers }
  }
}

const formula = (value: number) => ({ text: String(value), from: FORMULA })
const scored = (tenths: number) => ({ text: scoreText(tenths), from: FORMULA })

function headOf(vector: ScoredVector, interval: TenthsInterval | null, say: Say, lang: SeverityLang): Sentence {
  const tenths = tenthsOf(vector)
  const head = { band: severityWords(lang, `band.${bandOf(tenths)}`), score: scored(tenths) }
  if (interval === null) return say('jss.head.plain', head)
  return say('jss.head', { ...head, lo: scored(interval[0]), hi: scored(interval[2]) })
}

function rangeOf(vector: SeverityVector, say: Say, lang: SeverityLang): Sentence {
  const [lo, hi] = rate(vector).range!
  return say('jss.range', { lo: scored(lo), hi: scored(hi), band: severityWords(lang, `band.${bandOf(hi)}`) })
}

function ceilingSentence(vector: ScoredVector, measured: Measurements | null, say: Say, lang: SeverityLang): Sentence {
  const evidence = measured === null ? {} : upliftSlots(measured)
  if (vector.UP === 'N') {
    // The sentence says "shown": it may be said of measurements that show it, and of no others.
    if (measured === null || !equivalenceShown(measured)) return say('jss.zero.plain', {})
    return say('jss.zero', { ...evidence, needed: neededOf(measured) })
  }
  const up = WEIGHTS.UP[vector.UP]
  const hd = WEIGHTS.HD[vector.HD]
  const key = up < hd ? 'jss.ceiling.uplift' : up > hd ? 'jss.ceiling.harm' : 'jss.ceiling.both'
  return say(measured === null ? `${key}.plain` : key, {
    ceiling: scored(ceilingOf(vector)),
    up: severityWords(lang, `spoken.UP.${vector.UP}`),
    hd: severityWords(lang, `spoken.HD.${vector.HD}`),
    ...evidence,
  })
}

function upliftSlots({ uplift, tasks, panel }: Measurements): Readonly<Record<string, Slot>> {
  return {
    u: { text: signed(uplift.value), from: uplift.id },
    lo: { text: signed(uplift.lo), from: uplift.id },
    hi: { text: signed(uplift.hi), from: uplift.id },
    n: { text: String(tasks), from: uplift.id },
    panel,
  }
}

function neededOf({ discordant, uplift }: Measurements): Slot {
  return { text: String(requiredTasks(discordant ?? 0)), from: uplift.id }
}

/** `+0.02`, `−0.08`, `0.00`. */
export function signed(value: number): string {
  const text = Math.abs(value).toFixed(2)
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`
}

function nextSentence(vector: ScoredVector, say: Say, lang: SeverityLang): Sentence {
  const next = nextBand(vector)
  if (next === null) return say('jss.next.none', {})
  return say(next.needsUplift ? 'jss.next.only_uplift' : 'jss.next', {
    band: severityWords(lang, `band.${next.band}`),
    up_level: severityWords(lang, `level.UP.${next.up}`),
    r: formula(next.reach),
  })
}

function stepSentences(vector: ScoredVector, say: Say, lang: SeverityLang): readonly Sentence[] {
  const list = (steps: readonly Step[]): Slot => ({
    text: steps
      .map(({ metric, to, tenths }) => `${metric}→${to} ${scoreText(tenths)}`)
      .join(lang === 'en' ? ' · ' : '・'),
    from: FORMULA,
  })
  const up = stepsOf(vector, 1)
  const down = stepsOf(vector, -1)
  return [
    ...(up.length === 0 ? [] : [say('jss.step.up', { steps: list(up) })]),
    ...(down.length === 0 ? [] : [say('jss.step.down', { steps: list(down) })]),
  ]
}

function notesOf(vector: SeverityVector, measured: Measurements, say: Say): readonly Sentence[] {
  const { tasks, discordant, uplift, others, stale, reliability } = measured
  const needed = requiredTasks(discordant ?? 0)
  const fromRuns: Readonly<Record<'UP' | 'RE', () => Level<'UP'> | Level<'RE'>>> = {
    UP: () => levelOfUplift(measured),
    RE: () => levelOfReliability(reliability!.successes, reliability!.sessions),
  }
  return [
    ...(tasks < needed && (vector.UP === '?' || vector.UP === 'N' || vector.UP === 'L')
      ? [say('jss.not_equivalent', { n: { text: String(tasks), from: uplift.id }, needed: neededOf(measured) })]
      : []),
    ...mismatches(vector, measured).map((metric) => say('jss.mismatch', { metric, level: fromRuns[metric]() })),
    ...(others === null
      ? []
      : [
          say('jss.others', {
            k: { text: String(others.same), from: uplift.id },
            total: { text: String(others.asked), from: uplift.id },
          }),
        ]),
    ...(stale ? [say('jss.stale', {})] : []),
  ]
}
