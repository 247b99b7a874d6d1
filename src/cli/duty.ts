import { readFileSync } from 'node:fs'
import type { DutyDetail } from '../admin/report-contract.ts'
import type { Drill, DrillResult } from '../core/jailbreaks/registry/duty.ts'
import { AdminClientError, adminUrl, callAdmin, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, table } from './command.ts'

const USAGE = `sluice duty show
sluice duty set FILE -m REASON      {shifts: [{person, contact, from, until}], otherwise: {person, contact}}
sluice duty drill                   calls whoever is on duty
sluice duty ack [DRILL]             answers it; the time is kept and published
  --by NAME   who you are; operator unless told otherwise
`

export const takes: Takes = {
  command: 'duty',
  flags: ['json'],
  values: ['admin', 'by', 'reason'],
  page: USAGE,
}

/** `sluice duty`: who is on duty, and drills of the desk. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [verb, first] = rest
  const json = options.has('json')
  const base = () => adminUrl(options.get('admin'))
  const by = options.get('by') ?? 'operator'
  const show = <T>(value: T, text: (value: T) => string) => {
    terminal.stdout(json ? `${JSON.stringify(value)}\n` : text(value))
    return EXIT.done
  }
  return reporting(terminal, async () => {
    if (verb === 'show') return show(await callAdmin<DutyDetail>(base(), '/api/duty'), dutyText)
    if (verb === 'drill')
      return show(
        await callAdmin<Drill>(base(), '/api/duty/drill', { by }),
        ({ id, person, contact }) => `${id}: ${person} is called (${contact}); answer with \`sluice duty ack ${id}\`\n`,
      )
    if (verb === 'ack')
      return show(
        await callAdmin<DrillResult>(base(), '/api/duty/ack', { by, ...(first === undefined ? {} : { drill: first }) }),
        drillText,
      )
    const reason = options.get('reason')?.trim() ?? ''
    if (verb !== 'set' || first === undefined || reason.length < 3) {
      terminal.stderr(USAGE)
      return EXIT.usage
    }
    const roster = rosterAt(first)
    return show(await callAdmin<DutyDetail>(base(), '/api/duty', { roster, by, reason }), dutyText)
  })
}

function rosterAt(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch (cause) {
    throw new AdminClientError('refused', `${path}: cannot be read as JSON; wanted {shifts, otherwise}`, { cause })
  }
}

function dutyText({ onDuty, roster, drills, summary }: DutyDetail): string {
  const now =
    onDuty === null
      ? 'nobody is on duty\n'
      : `on duty: ${onDuty.person} (${onDuty.contact})${onDuty.untilMs === null ? '' : ` until ${stamp(onDuty.untilMs)}`}\n`
  const median =
    summary.medianMs === null ? 'no time to acknowledge yet' : `median ${minutes(summary.medianMs)} to acknowledge`
  const next = summary.nextDueMs === null ? 'one is due now' : `next due by ${stamp(summary.nextDueMs)}`
  const rows = drills.map((one) => [stamp(one.drill.startedAtMs), one.drill.person, one.state, took(one)])
  const shifts = (roster?.roster.shifts ?? []).map((shift) => [stamp(shift.fromMs), stamp(shift.untilMs), shift.person])
  return [
    now,
    shifts.length === 0 ? '' : table([['from', 'until', 'person'], ...shifts]),
    `drills: ${summary.met} of ${summary.drills} in time, ${median}, ${next}\n`,
    rows.length === 0 ? '' : table([['drill', 'called', 'result', 'took'], ...rows]),
  ].join('')
}

function drillText(one: DrillResult): string {
  return `${one.drill.id}: ${one.state}, ${took(one)} to acknowledge\n`
}

function took({ tookMs }: DrillResult): string {
  return tookMs === null ? '–' : minutes(tookMs)
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`
}

function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`
}
