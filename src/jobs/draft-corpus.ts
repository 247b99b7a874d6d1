import { RE2JS } from 're2js'
import { CodedError } from '../core/base/errors.ts'
import { betaInterval } from '../core/base/intervals.ts'
import { readingsOf } from '../core/classifier/normalise/readings-of.ts'
import { decide, strictest } from '../core/policy/decide.ts'
import type { DecisionInput } from '../core/policy/decision.ts'
import type { Place } from '../core/policy/finding.ts'
import type { Action, Policy } from '../core/policy/policy.ts'
import { movementOf } from '../core/safeguards/collateral/paired-case.ts'
import { foldedText } from '../core/safeguards/phrases.ts'
import type { Rule } from '../core/safeguards/rules.ts'
import { requiredLiteral } from './required-literal.ts'

/** A draft that cannot be tried. The message names the member. */
export class DraftError extends CodedError<'draft_invalid'> {}

/** What is being drafted: a rule, or a policy with other thresholds. */
export type Draft = { readonly rule: Rule } | { readonly policy: Policy }

/** One kept exchange, as a draft is tried on it. */
export interface DraftExchange {
  readonly id: string
  readonly org: string
  readonly segment: string
  readonly language: string
  readonly atMs: number
  /** What was asked, and the answer (stage `output`), part by part. */
  readonly texts: readonly { readonly stage: 'input' | 'output'; readonly place: Place; readonly text: string }[]
  /** Inputs of its decision. */
  readonly steps: readonly DecisionInput[]
}

export interface DraftCount {
  readonly name: string
  readonly exchanges: number
  readonly hits: number
  readonly newlyRefused: number
  readonly newlyDiverted: number
  readonly newlyFreed: number
}

export interface DraftScore extends DraftCount {
  /** Kept exchanges of the window; `loaded` of them are at hand, `exchanges` of those were looked at. */
  readonly kept: number
  readonly loaded: number
  /** Everything that is kept was looked at. Else the numbers are of a random sample, and grow when asked again. */
  readonly complete: boolean
  /** Share of hits, exact 95 % interval; null before the first was looked at. */
  readonly share: { readonly value: number; readonly lo: number; readonly hi: number } | null
  readonly bySegment: readonly DraftCount[]
  readonly byOrg: readonly DraftCount[]
  /** Ids of exchanges that it hits and decides otherwise, and of others that it hits; at most 100. */
  readonly changed: readonly string[]
  readonly tookMs: number
}

/** Findings whose every label is below this cannot reach a threshold that anyone may draft. */
export const LEAST_DRAFT_PPM = 20_000
const MOST_IDS = 100
/** Between two looks at the clock. */
const STRIDE = 64

interface Entry extends Omit<DraftExchange, 'texts'> {
  readonly texts: readonly (DraftExchange['texts'][number] & { readonly folded: string })[]
  readonly before: Action
}

interface Progress {
  readonly key: string
  at: number
  readonly whole: Counter
  readonly segments: Map<string, Counter>
  readonly orgs: Map<string, Counter>
  readonly changed: string[]
}

interface Counter {
  exchanges: number
  hits: number
  newlyRefused: number
  newlyDiverted: number
  newlyFreed: number
}

/**
 * Kept exchanges in memory, folded once, so that a rule is tried on all of them while it is typed. In random order: what
 * was looked at within the time given is a fair sample, and the same draft asked again goes on from there.
 */
export class DraftCorpus {
  readonly #entries: Entry[] = []
  #policy: Policy
  readonly #nowMs: () => number
  readonly #random: () => number
  #characters = 0
  #progress: Progress | null = null

  /** @param policy What enforces. @param random In [0, 1). */
  constructor(policy: Policy, nowMs: () => number, random: () => number) {
    this.#policy = policy
    this.#nowMs = nowMs
    this.#random = random
  }

  /** Another policy enforces now: what was decided before is decided again. The same one costs nothing. */
  compareWith(policy: Policy): void {
    if (policy === this.#policy) return
    this.#policy = policy
    for (const [i, entry] of this.#entries.entries())
      this.#entries[i] = { ...entry, before: enforced(entry.steps, policy) }
    this.#progress = null
  }

  get size(): number {
    return this.#entries.length
  }

  /** UTF-16 units held, folded texts included. */
  get characters(): number {
    return this.#characters
  }

  add(exchange: DraftExchange): void {
    const texts = exchange.texts.map((one) => ({ ...one, folded: searched(one.text) }))
    for (const { text, folded } of texts) this.#characters += text.length + folded.length
    const steps = exchange.steps.map(reachable)
    const entry = { ...exchange, texts, steps, before: enforced(steps, this.#policy) }
    // One that was looked at already stays where it is: a later one goes to a random place among those that were not.
    const from = this.#progress?.at ?? 0
    const place = from + Math.floor(this.#random() * (this.#entries.length - from + 1))
    const moved = this.#entries[place]
    if (moved !== undefined) this.#entries.push(moved)
    this.#entries[place] = entry
  }

  /** Takes out what arrived before. */
  expire(beforeMs: number): void {
    if (!this.#entries.some(({ atMs }) => atMs < beforeMs)) return
    const kept = this.#entries.filter(({ atMs }) => atMs >= beforeMs)
    this.#entries.length = 0
    for (const one of kept) this.#entries.push(one)
    this.#characters = kept.reduce(
      (n, { texts }) => n + texts.reduce((m, one) => m + one.text.length + one.folded.length, 0),
      0,
    )
    this.#progress = null
  }

  /**
   * Looks at as many exchanges as `budgetMs` allows.
   * @param kept Exchanges of the window, whether at hand yet or not.
   * @throws {DraftError} a pattern or phrase that cannot be used.
   */
  score(draft: Draft, budgetMs: number, kept = this.#entries.length): DraftScore {
    const started = this.#nowMs()
    const key = JSON.stringify(draft)
    if (this.#progress?.key !== key) this.#progress = fresh(key)
    const progress = this.#progress
    const effect = 'rule' in draft ? this.#ruleEffect(draft.rule) : this.#policyEffect(draft.policy)
    while (progress.at < this.#entries.length) {
      if (progress.at % STRIDE === 0 && this.#nowMs() - started >= budgetMs) break
      const entry = this.#entries[progress.at++]!
      count(progress, entry, effect(entry))
    }
    const { whole, changed } = progress
    const n = whole.exchanges
    return {
      ...{ name: 'all', ...whole, kept: Math.max(kept, this.#entries.length), loaded: this.#entries.length },
      complete: progress.at === this.#entries.length && this.#entries.length >= kept,
      share: n === 0 ? null : { value: whole.hits / n, ...betaInterval(whole.hits, n, 0.95) },
      bySegment: listed(progress.segments),
      byOrg: listed(progress.orgs),
      changed: changed.slice(0, MOST_IDS),
      tookMs: this.#nowMs() - started,
    }
  }

  /** The action after, or null for no hit. */
  #ruleEffect(rule: Rule): (entry: Entry) => Action | null {
    const matches = matcherOf(rule)
    return ({ texts, steps, before }) => {
      const hit = texts.find(
        ({ stage, text, folded }) => (rule.stage === 'both' || rule.stage === stage) && matches(text, folded),
      )
      if (hit === undefined) return null
      const { name, action, category } = rule
      const finding = { kind: 'rule', rule: name, stage: hit.stage, action, category, place: hit.place } as const
      const first = steps.find(({ stage }) => stage === hit.stage) ?? steps[0]
      if (first === undefined) return before
      return enforced([...steps, { ...first, stage: hit.stage, findings: [...first.findings, finding] }], this.#policy)
    }
  }

  #policyEffect(policy: Policy): (entry: Entry) => Action | null {
    return ({ steps, before }) => {
      if (steps.every(({ findings }) => findings.length === 0)) return null
      const after = enforced(steps, policy)
      return after === before ? null : after
    }
  }
}

/** Without findings that no threshold reaches: nearly all of nearly all exchanges. */
function reachable(step: DecisionInput): DecisionInput {
  const findings = step.findings.filter((one) => one.kind !== 'scored' || one.ppm.some((ppm) => ppm >= LEAST_DRAFT_PPM))
  return { ...step, findings }
}

function enforced(steps: readonly DecisionInput[], policy: Policy): Action {
  if (steps.length === 0) return 'allow'
  return strictest(steps.map((step) => decide({ ...step, mode: 'enforce' }, policy))).would
}

/** All that phrases are looked for in: the text and its other readings, on lines, since folded text has none. */
function searched(text: string): string {
  return [text, ...readingsOf(text)].map(foldedText).join('\n')
}

function matcherOf(rule: Rule): (text: string, folded: string) => boolean {
  const phrases = rule.phrases.map((phrase, i) => {
    const folded = foldedText(phrase)
    if (folded === '') throw new DraftError('draft_invalid', `phrases.${i}: holds no character that is read`)
    return folded
  })
  const patterns = rule.patterns.map((pattern, i) => {
    try {
      return { expression: RE2JS.compile(pattern), literal: requiredLiteral(pattern) }
    } catch (cause) {
      throw new DraftError('draft_invalid', `patterns.${i}: is not valid RE2 (${(cause as Error).message})`, { cause })
    }
  })
  return (text, folded) =>
    phrases.some((phrase) => folded.includes(phrase)) ||
    patterns.some(
      // A text without what every match holds needs no automaton.
      ({ expression, literal }) => (literal === '' || text.includes(literal)) && expression.test(text),
    )
}

function fresh(key: string): Progress {
  return { key, at: 0, whole: counter(), segments: new Map(), orgs: new Map(), changed: [] }
}

function counter(): Counter {
  return { exchanges: 0, hits: 0, newlyRefused: 0, newlyDiverted: 0, newlyFreed: 0 }
}

function count(progress: Progress, entry: Entry, after: Action | null): void {
  const of = (map: Map<string, Counter>, name: string) => {
    const known = map.get(name) ?? counter()
    map.set(name, known)
    return known
  }
  const movement = after === null ? 'unchanged' : movementOf(entry.before, after)
  for (const one of [progress.whole, of(progress.segments, entry.segment), of(progress.orgs, entry.org)]) {
    one.exchanges++
    if (after === null) continue
    one.hits++
    if (movement === 'newly_refused') one.newlyRefused++
    if (movement === 'newly_diverted') one.newlyDiverted++
    if (movement === 'newly_freed') one.newlyFreed++
  }
  if (movement !== 'unchanged' && progress.changed.length < MOST_IDS) progress.changed.push(entry.id)
}

function listed(map: ReadonlyMap<string, Counter>): readonly DraftCount[] {
  const rows = [...map].map(([name, one]) => ({ name, ...one }))
  return rows
    .sort((a, b) => b.newlyRefused + b.newlyDiverted - a.newlyRefused - a.newlyDiverted || b.hits - a.hits)
    .slice(0, 50)
}
