import type { DecisionDetail } from '../admin/contract.ts'
import { LABELS } from '../core/base/reasons.ts'
import { adminUrl, callAdmin, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, table } from './command.ts'

export const takes: Takes = {
  command: 'why',
  flags: ['json', 'text'],
  values: ['admin'],
}

/** `sluice why DECISION`: what was decided, on what, and whether the stored receipt still proves it. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [id] = rest
  if (id === undefined) {
    terminal.stderr('sluice why: name a decision: sluice why dec_…\n')
    return EXIT.usage
  }
  return reporting(terminal, async () => {
    const detail = await callAdmin<DecisionDetail>(
      adminUrl(options.get('admin')),
      `/api/decisions/${encodeURIComponent(id)}`,
    )
    terminal.stdout(options.has('json') ? `${JSON.stringify(detail)}\n` : render(detail, options.has('text')))
    return detail.verified.hash && detail.verified.recomputed ? EXIT.done : EXIT.negative
  })
}

function render(
  { row, receipt, receiptHash, verified, content, publicUrl }: DecisionDetail,
  showText: boolean,
): string {
  const { decision } = receipt
  const facts: [string, string][] = [
    ['decision', row.id],
    ['at', new Date(row.atMs).toISOString()],
    ['action', row.action === row.would ? row.action : `${row.action} (in enforce: ${row.would})`],
    ['reason', [row.reason, row.category, row.stage, row.band].filter((part) => part !== null).join(' · ') || 'none'],
    ['rule', decision.rule ?? 'none'],
    [
      'where',
      decision.where.map(({ part, turn, trust }) => `${part} (turn ${turn}, ${trust})`).join(', ') || 'nowhere',
    ],
    ['models', `${row.requestedModel} → ${row.servedModel ?? 'none'}`],
    ['tokens', `${row.inputTokens ?? '–'} in, ${row.outputTokens ?? '–'} out`],
    ['overhead', `${(row.overheadUs / 1000).toFixed(2)} ms`],
    ['safeguard', Object.values(receipt.safeguards).join(', ')],
    ['receipt', `${receiptHash} (${verified.hash ? 'bytes match' : 'BYTES DO NOT MATCH'})`],
    ['recomputed', verified.recomputed ? 'yes: the stored inputs give this decision' : 'NO'],
    ['page', publicUrl],
  ]
  return table(facts) + findings(receipt.steps) + words(content, showText)
}

function findings(steps: DecisionDetail['receipt']['steps']): string {
  const rows = steps.flatMap(({ input }) =>
    input.findings.flatMap((finding) => {
      if (finding.kind !== 'scored') return [[input.stage, finding.kind, '', '']]
      const top = finding.ppm.map((ppm, i) => ({ ppm, label: LABELS[i]! })).sort((a, b) => b.ppm - a.ppm)[0]!
      return [[finding.stage, `${finding.detector} on ${finding.place.part}`, top.label, (top.ppm / 1e6).toFixed(3)]]
    }),
  )
  return rows.length === 0 ? '' : `\n${table([['stage', 'finding', 'highest', 'probability'], ...rows])}`
}

/** Words are shown when asked for: a terminal is seen by others. */
function words(content: DecisionDetail['content'], showText: boolean): string {
  if (content === null) return '\nno content kept\n'
  if (!showText) return `\nthe words that counted: ${content.spans.length} spans; show them with --text\n`
  const points = [...content.text]
  return `\n${table(content.spans.map(({ start, end, weight }) => [weight.toFixed(2), points.slice(start, end).join('')]))}`
}
