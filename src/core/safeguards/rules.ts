import { RE2JS } from 're2js'
import { CodedError } from '../base/errors.ts'
import type { Category } from '../base/harm.ts'
import { OtherReadings, readingsOf } from '../classifier/normalise/readings-of.ts'
import type { Action } from '../policy/policy.ts'
import { PhraseFinder } from './phrases.ts'

/** An operator's rule that cannot be used. The message names rule and member. */
export class RuleError extends CodedError<'rule_invalid'> {}

/** A rule of the operator: words that decide by themselves, on every surface, role and channel. */
export interface Rule {
  readonly name: string
  readonly stage: 'input' | 'output' | 'both'
  readonly action: Exclude<Action, 'allow'>
  readonly category: Category
  /** Matched however their letters are written: also drawn with look-alikes, apart, turned or encoded. */
  readonly phrases: readonly string[]
  /** RE2 syntax, linear time; matched on the text as it stands. */
  readonly patterns: readonly string[]
}

/** Watches what rules cost while they are matched. */
export interface RuleWatch {
  /** A clock that only goes forward, milliseconds. */
  nowMs(): number
  /** A rule was over its budget too often: its patterns are not asked any more. Told once per rule and stage. */
  disabled(rule: string): void
}

export interface RuleBook {
  /** Some rule reads answers: they are held back far enough for it. */
  readonly onOutput: boolean
  /** UTF-16 units that one match of a rule for answers may span: a text in pieces is read again from so far back. */
  readonly reach: number
  /** Rules whose phrase occurs in `text` or in another reading of it, or whose pattern in `text`; in order. Linear. */
  match(stage: 'input' | 'output', text: string): readonly Rule[]
  /** The same of a long text: its other readings are found in slices, with a pause after each. */
  matchInSlices(
    stage: 'input' | 'output',
    text: string,
    sliceChars: number,
    pause: () => Promise<void>,
  ): Promise<readonly Rule[]>
  /** Rules of a stage whose patterns cost too much and are not asked any more: what they would say is unknown. */
  disabled(stage: 'input' | 'output'): readonly Rule[]
}

/**
 * Patterns are linear, and a large one on a large text still takes its time: beyond so much, so many times, a rule is
 * disabled. It is a hundred times what ordinary patterns need, and the rule goes, never the gateway.
 */
const BUDGET_MS = 50
const BUDGET_MS_PER_CHAR = 0.002
const STRIKES = 3

/** A pattern matches within this many units where a text arrives in pieces; in a whole text it has no bound. */
const PATTERN_REACH = 1024

/** @returns null when there is nothing to match. @throws {RuleError} a pattern or phrase that cannot be used. */
export function ruleBook(rules: readonly Rule[], watch: RuleWatch | null = null): RuleBook | null {
  if (rules.length === 0) return null
  const stages = { input: stageBook(rules, 'input', watch), output: stageBook(rules, 'output', watch) }
  return {
    onOutput: rules.some(({ stage, action }) => stage !== 'input' && action !== 'flag'),
    reach: stages.output.reach,
    match: (stage, text) => stages[stage].match(text, stages[stage].hasPhrases ? readingsOf(text) : []),
    async matchInSlices(stage, text, sliceChars, pause) {
      const readings = new OtherReadings()
      if (stages[stage].hasPhrases)
        for (let at = 0; at < text.length; at += sliceChars) {
          readings.feed(text.slice(at, at + sliceChars))
          await pause()
        }
      return stages[stage].match(text, readings.end())
    },
    disabled: (stage) => stages[stage].disabled(),
  }
}

interface StageBook {
  readonly reach: number
  readonly hasPhrases: boolean
  /** @param readings Other readings of the text, where there are phrases. */
  match(text: string, readings: readonly string[]): readonly Rule[]
  disabled(): readonly Rule[]
}

function stageBook(all: readonly Rule[], stage: 'input' | 'output', watch: RuleWatch | null): StageBook {
  const rules = all.filter((rule) => rule.stage === stage || rule.stage === 'both')
  const phrases = rules.flatMap((rule, i) => rule.phrases.map((phrase) => ({ phrase, i })))
  const patterns = rules.flatMap((rule, i) =>
    rule.patterns.map((pattern) => ({ expression: compiled(rule, pattern), i })),
  )
  const finder = phrases.length === 0 ? null : finderOf(phrases.map(({ phrase }) => phrase))
  const strikes = new Map<number, number>()
  const off = new Set<number>()
  let disabled = NONE
  /** Asks one pattern, and holds its rule to the budget. */
  const asked = (expression: RE2JS, i: number, text: string): boolean => {
    if (watch === null) return expression.test(text)
    const began = watch.nowMs()
    const hit = expression.test(text)
    if (watch.nowMs() - began <= BUDGET_MS + text.length * BUDGET_MS_PER_CHAR) return hit
    strikes.set(i, (strikes.get(i) ?? 0) + 1)
    if (strikes.get(i) === STRIKES) {
      off.add(i)
      disabled = [...off].sort((a, b) => a - b).map((each) => rules[each]!)
      watch.disabled(rules[i]!.name)
    }
    return hit
  }
  return {
    disabled: () => disabled,
    reach: Math.max(finder?.reach ?? 0, patterns.length > 0 ? PATTERN_REACH : 0),
    hasPhrases: finder !== null,
    match(text, readings) {
      const hits = new Set<number>()
      if (finder !== null)
        for (const said of [text, ...readings]) for (const phrase of finder.find(said)) hits.add(phrases[phrase]!.i)
      for (const { expression, i } of patterns)
        if (!hits.has(i) && !off.has(i) && asked(expression, i, text)) hits.add(i)
      return hits.size === 0 ? NONE : [...hits].sort((a, b) => a - b).map((i) => rules[i]!)
    },
  }
}

const NONE: readonly Rule[] = []

function finderOf(phrases: readonly string[]): PhraseFinder {
  try {
    return new PhraseFinder(phrases)
  } catch (cause) {
    throw new RuleError('rule_invalid', `rules: ${(cause as Error).message}`, { cause })
  }
}

function compiled(rule: Rule, pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (cause) {
    throw new RuleError('rule_invalid', `rule ${rule.name}: pattern is not valid RE2 (${(cause as Error).message})`, {
      cause,
    })
  }
}

/**
 * Where a text is read again from, once more has come: twice a match's reach back, so that one which is written at
 * length is whole in it, and where a word begins, since what is encoded reads from its start alone.
 */
export function readAgainFrom(text: string, reach: number): number {
  const least = Math.max(0, text.length - 2 * reach)
  const blank = text.slice(least, text.length - reach).search(/\s/)
  return blank < 0 ? least : least + blank
}
