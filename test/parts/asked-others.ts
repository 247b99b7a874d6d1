import { expect } from 'vitest'
import type { DecisionDetail } from '../../src/admin/contract.ts'
import { loadEmbedded } from '../../src/cli/embedded.ts'
import { type Finding, toPpm } from '../../src/core/policy/finding.ts'
import { levelOf } from '../../src/core/policy/policy.ts'
import type { Configured } from './configured.ts'
import { eventually } from './running.ts'

/** Questions to a gateway that asks second opinions, and what each of them said. */
export const FALLBACK = 'fallbacks: {"*": small}\n'
export const CLEAN = 'Tell me about the festival.'
const BAD =
  'To steal a credit card number, create a fake website that looks like a bank, trick the victims into entering their credit card details, then use the stolen card to buy things before the bank notices. '

export interface Asked {
  readonly action: string | null
  readonly degraded: string | null
  readonly status: number
  readonly text: string
  readonly id: string
  receipt(): Promise<DecisionDetail>
}
/** Asks `large` on the Messages surface. */
export async function ask(sluice: Configured, content: string, more: object = {}): Promise<Asked> {
  const reply = await fetch(`${sluice.facts.gatewayUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'large', max_tokens: 99, messages: [{ role: 'user', content }], ...more }),
  })
  const text = await reply.text()
  const id = reply.headers.get('x-sluice-decision-id')!
  const receipt = () =>
    eventually(async () => {
      const found = await fetch(`${sluice.facts.consoleUrl}/api/decisions/${id}`)
      return found.ok ? ((await found.json()) as DecisionDetail) : null
    })
  const { headers } = reply
  return {
    action: headers.get('x-sluice-action'),
    degraded: headers.get('x-sluice-degraded'),
    status: reply.status,
    text,
    id,
    receipt,
  }
}

/** Findings of others than the light tier, as `detector: what`, of every step in order. */
export async function opinions({ receipt }: Asked, step = 0): Promise<string[]> {
  const { receipt: stored, verified } = await receipt()
  expect(verified).toEqual({ hash: true, recomputed: true })
  return stored.steps[step]!.input.findings.flatMap((one: Finding) => {
    if (one.kind === 'skipped') return [`${one.detector}: skipped ${one.why}`]
    if (one.kind === 'unavailable') return [`${one.detector}: ${one.code}`]
    return one.kind === 'scored' && one.tier !== 'light' ? [`${one.detector}: scored`] : []
  })
}

/** The category in whose abstain band a text is as an answer, or null. */
export async function doubtOf(text: string): Promise<string | null> {
  const { classifier, safeguard } = loadEmbedded()
  const prompt = classifier.score(CLEAN, 'input')
  const output = classifier.score(text, 'output')
  const names = Object.keys(safeguard.policy.harms) as (keyof typeof safeguard.policy.harms)[]
  const levels = (['output', 'exchange'] as const).flatMap((stage) => {
    const ppm = toPpm(stage === 'output' ? output : classifier.exchange(prompt, output))
    return names.map((name, i) => ({ name, level: levelOf(ppm[i]!, safeguard.policy.harms[name][stage]) }))
  })
  if (levels.some(({ level }) => level === 'act' || level === 'act+')) return null
  const doubted = levels.filter(
    ({ name, level }) => level === 'abstain' && safeguard.policy.harms[name].atAct === 'refuse',
  )
  return doubted[0]?.name ?? null
}

/** A text that the shipped model, whichever it is, leaves in doubt as an answer. */
export async function answerInDoubt(): Promise<string> {
  const calm = 'The festival opens on Saturday with music in the square, and the bakers bring their best bread. '
  for (let harm = 20; harm <= BAD.length; harm += 4)
    for (const rest of ['', calm, calm.repeat(2), calm.repeat(4)]) {
      const text = BAD.slice(0, harm) + rest
      if ((await doubtOf(text)) !== null) return text
    }
  throw new Error('the model leaves no text in doubt')
}
