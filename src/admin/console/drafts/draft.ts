import type { Policy } from '../../../core/policy/policy.ts'
import type { Rule } from '../../../core/safeguards/rules.ts'

export const KINDS = ['phrases', 'patterns', 'threshold'] as const
export type Kind = (typeof KINDS)[number]
export const ACTS = ['flag', 'fall_back', 'require_trust', 'refuse'] as const
export const RULE_STAGES = ['input', 'output', 'both'] as const
export const LINE_STAGES = ['input', 'output', 'exchange'] as const
export const LINES = ['clear', 'act', 'actPlus'] as const

/** What stands in the form. Thresholds are written as probabilities. */
export interface DraftForm {
  readonly kind: Kind
  readonly phrases: string
  readonly patterns: string
  readonly action: (typeof ACTS)[number]
  readonly category: string
  readonly ruleStage: (typeof RULE_STAGES)[number]
  readonly lineStage: (typeof LINE_STAGES)[number]
  /** Null: as it is now. */
  readonly lines: Readonly<Record<(typeof LINES)[number], string>> | null
}

export const EMPTY_DRAFT: DraftForm = {
  ...{ kind: 'phrases', phrases: '', patterns: '', action: 'fall_back', category: 'cyber' },
  ...{ ruleStage: 'input', lineStage: 'input', lines: null },
}

/** The thresholds that decide now, as they are written. */
export function linesOf(policy: Policy, { category, lineStage }: DraftForm): NonNullable<DraftForm['lines']> {
  const { clear, act, actPlus } = policy.harms[category as keyof Policy['harms']][lineStage]
  const written = (ppm: number) => (ppm > 1_000_000 ? '1' : String(ppm / 1_000_000))
  return { clear: written(clear), act: written(act), actPlus: written(actPlus) }
}

/** What is sent; null: there is nothing to try yet, or lines out of order. */
export function draftOf(form: DraftForm): object | null {
  const { kind, action, category, ruleStage, lineStage, lines } = form
  if (kind === 'threshold') {
    if (lines === null) return null
    const [clear, act, actPlus] = LINES.map((line) => Math.round(Number(lines[line]) * 1_000_000))
    const ordered = clear! >= 20_000 && clear! <= act! && act! <= actPlus! && actPlus! <= 1_000_000
    return ordered ? { threshold: { category, stage: lineStage, clear, act, actPlus } } : null
  }
  const list = listOf(form[kind])
  return list.length === 0 ? null : { rule: { action, category, stage: ruleStage, [kind]: list } }
}

/** The draft as an element of a bundle's `rules.json`, whole; null: it is no rule, or says nothing yet. */
export function ruleOf(form: DraftForm): Rule | null {
  const { kind, action, category, ruleStage } = form
  if (kind === 'threshold' || draftOf(form) === null) return null
  return {
    ...{ name: `draft-${category}`, stage: ruleStage, action, category: category as Rule['category'] },
    ...{ phrases: [], patterns: [], [kind]: listOf(form[kind]) },
  }
}

function listOf(lines: string): readonly string[] {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
