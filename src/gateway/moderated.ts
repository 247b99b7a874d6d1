import { LABELS } from '../core/base/reasons.ts'
import type { Exchange } from '../core/conversation/exchange.ts'
import { decide } from '../core/policy/decide.ts'
import type { Decision, DecisionInput } from '../core/policy/decision.ts'
import type { Finding, Place, Stage } from '../core/policy/finding.ts'
import { claimsOf } from '../core/policy/weigh.ts'
import type { Moderated, ModeratedSide, ModeratedSides } from '../core/protocols/moderations.ts'
import type { Inspection } from './inspect.ts'
import { type Screening, stepInput } from './passage.ts'

/** The rule by which a caller's own `mode: "block"` refuses what is found in its request, or in the answer to it. */
const BLOCK = 'caller.moderation'

/** What was found, with the caller's own wish to be refused for it where it has one (wire.md §9). */
export function blockWanted(inspection: Inspection, passage: Screening): Inspection {
  const { exchange, state } = passage
  if (exchange.moderation?.input !== 'block') return inspection
  const input = stepInput(passage, 'input', inspection.findings, exchange.model)
  const block = blockOf(decide(input, state.safeguard.policy), 'input', exchange)
  return block === null ? inspection : { ...inspection, findings: [...inspection.findings, block] }
}

/** The finding that makes a refusal of a decision, for a caller who asked for that; null where no harm was found. */
export function blockOf({ category, where }: Decision, stage: 'input' | 'output', exchange: Exchange): Finding | null {
  if (exchange.moderation?.[stage] !== 'block' || category === null) return null
  return { kind: 'rule', rule: BLOCK, stage, action: 'refuse', category, place: where[0] ?? NOWHERE }
}

const NOWHERE: Place = { part: 'assistant', trust: 'untrusted', turn: -1, newest: true }

/** Scores of the request and of the answer, as far as they were decided on by now. */
export function moderatedSides(passage: Screening): ModeratedSides {
  const of = (stage: Stage) => passage.steps.filter(({ input }) => input.stage === stage)
  const [asked] = of('input')
  const answered = of('output').at(-1)
  return { input: sideOf(asked, 'input', passage), output: sideOf(answered, 'output', passage) }
}

function sideOf(
  step: { readonly input: DecisionInput } | undefined,
  stage: 'input' | 'output',
  passage: Screening,
): ModeratedSide {
  if (step === undefined) return { code: 'no_answer', message: 'no model answered' }
  if (step.input.findings.some((finding) => finding.kind === 'unavailable' && finding.tier === 'light'))
    return { code: 'detector_unavailable', message: `no ${stage} detector answered` }
  return moderatedOf(step.input, passage)
}

/** What the findings about a text come to: a control says nothing about it. */
export function moderatedOf(input: DecisionInput, { caller, state }: Screening): Moderated {
  const { policy } = state.safeguard
  const read = { ...input, findings: input.findings.filter(({ kind }) => kind !== 'control') }
  const { would, category } = decide(read, policy)
  const claims = claimsOf(read, policy).filter(({ action }) => action !== 'allow')
  return {
    flagged: would !== 'allow',
    category,
    ppm: greatest(
      read.findings.filter((one) => one.kind === 'scored' && one.tier === 'light' && one.stage === input.stage),
    ),
    found: new Set(claims.flatMap((claim) => claim.category ?? [])),
    coarse: caller.settings.detail !== 'full',
    images: read.findings.some((one) => one.kind === 'uninspected' && one.media === 'image') ? 'uninspected' : 'none',
  }
}

/** Label by label the most that any finding gave. */
function greatest(findings: readonly Finding[]): number[] {
  const ppm = new Array<number>(LABELS.length).fill(0)
  for (const finding of findings)
    if (finding.kind === 'scored') for (let i = 0; i < ppm.length; i++) ppm[i] = Math.max(ppm[i]!, finding.ppm[i] ?? 0)
  return ppm
}
