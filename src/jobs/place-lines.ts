import { LABELS } from '../core/base/reasons.ts'
import { type Lines, logit, type Model, sigmoid } from '../core/classifier/model.ts'
import { type ExchangeScores, each, greatest, type Strangers, type Voice } from './strangers.ts'
import type { TrainingRow } from './training-ports.ts'
import { samplesOf } from './training-rows.ts'

/** Shares of harmless texts that may reach each line: of ordinary ones, and of those that look alarming and are not. */
interface Shares {
  readonly ordinary: number
  readonly alarming: number
}
const HARM = {
  clear: { ordinary: 0.005, alarming: 0.03 },
  act: { ordinary: 0.0004, alarming: 0.006 },
  actPlus: { ordinary: 0.0001, alarming: 0.001 },
} as const
/**
 * Alarming texts are plain requests for the most part, which no form of attack resembles: few of them reach these lines. One in
 * six says the words of an attack and means none; by them the share to be marked was chosen.
 */
const ATTACK = {
  clear: { ordinary: 0.008, alarming: 0.013 },
  act: { ordinary: 0.00012, alarming: 0.002 },
  actPlus: { ordinary: 0.00005, alarming: 0.0005 },
} as const
/**
 * Shares of answers, chosen on the dev split. Some that the data calls harmless give in, and they hold the lines. Alarming ones
 * are some five thousand, so that `actPlus` is the second or third highest of them.
 */
const ANSWERS = {
  clear: { ordinary: 0.005, alarming: 0.03 },
  act: { ordinary: 0.0004, alarming: 0.004 },
  actPlus: { ordinary: 0.0001, alarming: 0.0005 },
} as const
/** Beside what was asked more may be marked: it tells those that help from those that give in. */
const EXCHANGES = { ...ANSWERS, clear: { ...ANSWERS.clear, alarming: 0.05 } } as const
/** From this probability of any label on, what was asked alarms. */
const ALARMS = 0.3

/**
 * On which side a harmless row counts. An answer looks alarming where what was asked does: it declines in the words of a harm, or
 * helps with something else in them.
 *
 * @param asked Probability of what was asked; 0 where nothing is answered.
 */
export function sideOf({ label }: Pick<TrainingRow, 'label'>, asked: number): keyof Shares {
  return label === 'borderline-benign' || asked >= ALARMS ? 'alarming' : 'ordinary'
}

/**
 * Where probabilities start to count: lines that harmless texts reach no more often than their shares.
 *
 * @param exchanges What both sides of every exchange among them were read as, with the same calibration.
 */
export function placeLines(
  strangers: readonly Strangers[],
  exchanges: ReadonlyMap<TrainingRow, ExchangeScores>,
  voice: Voice,
): Model['thresholds'] {
  const harm = new Harmless(voice)
  const attack = new Harmless(voice)
  const output = new Harmless(voice)
  const exchange = new Harmless(voice)
  for (const [row, classifier] of each(strangers)) {
    if (row.label === 'harmful') continue
    const pair = exchanges.get(row)
    if (pair !== undefined) {
      const side = sideOf(row, greatest(pair[0]))
      output.add(row, greatest(pair[1]), side)
      exchange.add(row, greatest(classifier.exchange(pair[0], pair[1])), side)
      continue
    }
    for (const { text, context } of samplesOf(row)) {
      const scores = classifier.score(text, 'input', context)
      const side = sideOf(row, 0)
      harm.add(row, greatest(scores.filter((_, i) => LABELS[i]!.startsWith('harm.'))), side)
      attack.add(row, greatest(scores.filter((_, i) => LABELS[i]!.startsWith('attack.'))), side)
    }
  }
  return {
    ...{ harmInput: lines(harm, HARM), attackInput: lines(attack, ATTACK) },
    ...{ output: lines(output, ANSWERS), exchange: lines(exchange, EXCHANGES) },
  }
}

/** Short harmless texts carry little evidence either way: below these, a probability is no doubt worth a person's time. */
const LEAST_CLEAR = 0.3
const LEAST_ACT = 0.5

interface Weighed {
  readonly value: number
  readonly weight: number
}

/** Probabilities of harmless texts. */
class Harmless {
  readonly ordinary: Weighed[] = []
  readonly alarming: Weighed[] = []
  readonly #voice: Voice
  constructor(voice: Voice) {
    this.#voice = voice
  }
  add(row: TrainingRow, value: number, side: keyof Shares): void {
    this[side].push({ value, weight: this.#voice(row) })
  }
}

/** Lines that neither kind of harmless text reaches more often than its share. */
function lines(harmless: Harmless, shares: Readonly<Record<keyof Lines, Shares>>): Lines {
  const at = (name: keyof Lines) =>
    Math.max(
      quantileOf(harmless.ordinary, 1 - shares[name].ordinary) ?? 0,
      quantileOf(harmless.alarming, 1 - shares[name].alarming) ?? 0,
    )
  const ppm = (probability: number) => Math.round(probability * 1e6)
  const clear = Math.min(999_998, ppm(Math.max(at('clear'), LEAST_CLEAR)))
  const act = Math.min(999_999, Math.max(ppm(Math.max(at('act'), LEAST_ACT)), clear + 1))
  return { clear, act, actPlus: Math.max(ppm(at('actPlus')), act + 1) }
}

/**
 * The probability that a share 1 − q of the weight lies above. Between two that were seen, by their log odds: so few lie
 * above a line for acting that whole rows measure it too coarsely.
 */
export function quantileOf(values: readonly Weighed[], q: number): number | null {
  const falling = [...values].sort((a, b) => b.value - a.value)
  const above = (1 - q) * falling.reduce((sum, { weight }) => sum + weight, 0)
  let passed = 0
  const at = falling.findIndex(({ weight }) => (passed += weight) > above)
  if (at < 0) return falling.at(-1)?.value ?? null
  const { value, weight } = falling[at]!
  const share = (above - (passed - weight)) / weight
  const next = falling[at + 1]?.value ?? value
  return sigmoid((1 - share) * logit(within(value)) + share * logit(within(next)))
}

/** Kept where log odds are finite. */
const within = (probability: number) => Math.min(1 - 1e-9, Math.max(1e-9, probability))
