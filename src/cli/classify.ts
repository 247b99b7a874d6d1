import { z } from 'zod'
import { LABELS } from '../core/base/reasons.ts'
import { decide, strictest } from '../core/policy/decide.ts'
import type { DecisionInput } from '../core/policy/decision.ts'
import type { Finding } from '../core/policy/finding.ts'
import { ORDINARY } from '../core/trust/standing.ts'
import type { ScoredTexts } from '../gateway/scored-texts.ts'
import { linesOf } from '../io/lines.ts'
import { type Command, EXIT, parseFlags, type Takes } from './command.ts'
import { loadEmbedded } from './embedded.ts'
import { judgedSteps } from './judged-steps.ts'

export const takes: Takes = {
  command: 'classify',
  flags: ['json'],
  values: ['model'],
}

const rowSchema = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  turns: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
})

/**
 * `sluice classify`: JSON lines in, one line out per row in the same order: the action under the default policy in
 * enforce, and every finding with its probability, most probable first. A row whose last turn is the assistant's is
 * judged as an exchange, any other as a prompt.
 */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  if (rest.length > 0) {
    terminal.stderr(
      `sluice classify: reads JSON lines from stdin, and takes no \`${rest[0]}\`: sluice classify < FILE\n`,
    )
    return EXIT.usage
  }
  const { classifier, safeguard } = loadEmbedded(options.get('model'))
  const context = {
    standing: ORDINARY,
    mode: 'enforce',
    fallbackModel: 'the weaker model',
    asksFallbackTarget: false,
  } as const
  // Rows repeat no text: nothing is remembered.
  const texts: ScoredTexts = {
    score: (stage, text, context) => classifier.score(text, stage, context),
    scoreOnce: (stage, text, context) => classifier.score(text, stage, context),
  }
  let faults = 0
  let number = 0
  let out = ''
  for await (const line of linesOf(process.stdin)) {
    number++
    if (line.trim() === '') continue
    const row = parseRow(line)
    if (row === null) {
      faults++
      terminal.stderr(`sluice classify: line ${number}: wanted {"id", "turns": [{"role", "content"}]}\n`)
      out += `${JSON.stringify({ id: null, error: `line ${number} is not a row` })}\n`
      continue
    }
    const steps = judgedSteps(row.turns, classifier, texts)
    const decision = strictest(
      steps.map((step) => decide({ ...context, ...step } satisfies DecisionInput, safeguard.policy)),
    )
    out += `${JSON.stringify({ id: row.id, action: decision.action, findings: listed(steps) })}\n`
    if (out.length > 65_536) {
      terminal.stdout(out)
      out = ''
    }
  }
  terminal.stdout(out)
  return faults === 0 ? EXIT.done : EXIT.negative
}

function parseRow(line: string): z.infer<typeof rowSchema> | null {
  try {
    return rowSchema.parse(JSON.parse(line))
  } catch {
    return null
  }
}

/**
 * One finding per reason: the most any part of the row gave it. Attack forms count in every part; harm counts where it
 * can act, in what the user asks now and in the answer.
 */
function listed(steps: readonly { findings: readonly Finding[] }[]): { reason: string; probability: number }[] {
  const most = new Float64Array(LABELS.length)
  for (const finding of steps.flatMap(({ findings }) => findings)) {
    if (finding.kind !== 'scored') continue
    const { trust, newest } = finding.place
    const counts = finding.stage !== 'input' || (newest && trust === 'user')
    LABELS.forEach((label, i) => {
      if (counts || (newest && trust === 'untrusted' && label.startsWith('attack.')))
        most[i] = Math.max(most[i]!, finding.ppm[i]!)
    })
  }
  return LABELS.map((reason, i) => ({ reason: reason as string, probability: most[i]! / 1e6 })).sort(
    (a, b) => b.probability - a.probability,
  )
}
