import { message } from '../core/briefs/format.ts'
import { decide } from '../core/policy/decide.ts'
import type { Finding } from '../core/policy/finding.ts'
import type { ToolUseVerdict } from '../core/protocols/adapter.ts'
import { type Passage, stepInput } from './passage.ts'

/** Verdicts on the tool calls of an answer, each by what was found in it alone (wire.md §5.8); nothing without calls. */
export function toolUseVerdicts(passage: Passage): { readonly tool_uses?: Readonly<Record<string, ToolUseVerdict>> } {
  const { toolUses } = passage
  if (toolUses.size === 0) return {}
  const verdicts = [...toolUses].map(([id, found]) => [id, verdictOf(found, passage)] as const)
  return { tool_uses: Object.fromEntries(verdicts) }
}

function verdictOf(found: readonly Finding[] | 'skipped' | 'unavailable', passage: Passage): ToolUseVerdict {
  if (found === 'skipped' || found === 'unavailable') return { type: found }
  const input = stepInput(passage, 'output', found, passage.exchange.model)
  const { would, category } = decide(input, passage.state.safeguard.policy)
  if (would === 'allow') return { type: 'evaluated', outcome: 'not_flagged' }
  const category_name = message(passage.lang, `category.${category ?? 'other-harm'}`, {})
  const explanation = message(passage.lang, 'explain.tool_use', { category_name })
  return { type: 'evaluated', outcome: 'flagged', explanation }
}
