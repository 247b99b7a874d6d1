import type { ReleaseDetail, ReleaseList, ReleaseRow } from '../admin/release-contract.ts'
import { figures } from '../core/briefs/figures.ts'
import { type Change, type Difference, isSame, type Plan, TIER_CAUSES } from '../core/safeguards/plan.ts'
import { table } from './command.ts'

/** Releases and plans as a terminal shows them. */

export function planText(plan: Plan & { readonly against: string | null }): string {
  const head = `slot ${plan.slot}, against ${plan.against ?? 'nothing: its first safeguard'}\n`
  if (isSame(plan)) return `${head}no difference\n`
  const values = [plan.model, ...plan.cascade, plan.sunset].filter((one) => one !== null)
  const rows = [...plan.actions, ...plan.thresholds, ...values].map(changeRow)
  const lists = [...differenceRows('rule', plan.rules), ...differenceRows('family', plan.families)]
  const facts = [...rows, ...lists]
  const body = facts.length === 0 ? '' : table(facts)
  return `${head}${body}tier ${plan.tier}: ${plan.tierBecause.map((cause) => TIER_CAUSES[cause]).join(', ')}\n`
}

export function listText({ items, slots, singlePerson }: ReleaseList): string {
  const force = slots.map(({ slot, label }) => `${slot}: ${label ?? 'nothing decides'}`).join('\n')
  const rows = items.map((row) => [row.name, row.slot, stageText(row), `tier ${row.tier}`, since(row.stageSinceMs)])
  const head = ['release', 'slot', 'stage', 'tier', 'since']
  const alone = singlePerson ? 'single_person: the register names one person\n' : ''
  return `${force}\n${alone}${rows.length === 0 ? 'no releases\n' : table([head, ...rows])}`
}

export function headText(row: ReleaseRow): string {
  return `${row.name} is ${stageText(row)}\n`
}

export function detailText(detail: ReleaseDetail): string {
  const { row, plan, moves, guard, evidence, quorum, earliestMs } = detail
  const facts = table([
    ['release', row.name],
    ['id', row.id],
    ['bundle', row.bundle],
    ['stage', stageText(row)],
    ['since', since(row.stageSinceMs)],
    ['may move on', since(earliestMs)],
    ['quorum', `${quorum}${row.singlePerson ? ' (single_person)' : ''}`],
    ['manifest', row.manifest ?? 'not frozen yet'],
    ...(row.sunsetAtMs === null ? [] : [['sunset', since(row.sunsetAtMs)]]),
    ...(row.state.veto === null
      ? []
      : [['veto', `${row.state.veto.by}: ${row.state.veto.ground}, until ${since(row.state.veto.expiresAtMs)}`]]),
  ])
  const gates = row.gates.map(({ id, outcome, says }) => [id, outcome.toUpperCase(), says])
  const reports = evidence.map(({ kind, hash, atMs }) => [kind, hash, since(atMs)])
  const metrics = Object.entries(guard).map(([metric, verdict]) => [
    metric,
    verdict.outcome.toUpperCase(),
    `${verdict.canary.hits}/${verdict.canary.units}`,
    `${verdict.control.hits}/${verdict.control.units}`,
    verdict.expected === null ? '?' : figures('en').percent(verdict.expected, 2),
    String(verdict.unitsNeeded ?? '?'),
  ])
  const lines = moves.map((move) => [since(move.atMs), move.by, move.kind, `${move.from} → ${move.to}`, move.reason])
  return [
    facts,
    `\n${planText(plan)}`,
    gates.length === 0 ? '' : `\n${table([['gate', 'outcome', 'measured'], ...gates])}`,
    reports.length === 0 ? '' : `\n${table([['evidence', 'hash', 'at'], ...reports])}`,
    row.state.stage === 'canary'
      ? `\n${table([['guard', 'outcome', 'canary', 'control', 'expected', 'n needed'], ...metrics])}`
      : '',
    `\n${table([['at', 'by', 'move', 'stage', 'reason'], ...lines])}`,
  ].join('')
}

export function stageText(row: ReleaseRow): string {
  const marks = [
    ...(row.percent === null ? [] : [`${row.percent} %`]),
    ...(row.paused === null ? [] : [`paused by ${row.paused.by}`]),
    ...(row.state.veto === null ? [] : ['vetoed']),
    ...(row.dryRun ? ['dry run'] : []),
    ...(row.inForce && row.state.stage !== 'enforcing' ? ['in force again'] : []),
  ]
  return [row.state.stage, ...marks].join(', ')
}

function since(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`
}

function changeRow({ at, before, after, effect }: Change): string[] {
  return [at, `${before} → ${after}`, effect === 'other' ? '' : effect]
}

function differenceRows(what: string, { added, removed, changed }: Difference): string[][] {
  const rows = (names: readonly string[], how: string) => names.map((name) => [`${what} ${name}`, how, ''])
  return [...rows(added, 'added'), ...rows(removed, 'removed'), ...rows(changed, 'changed')]
}
