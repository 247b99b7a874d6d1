import { canonicalJson } from '../core/base/canonical-json.ts'
import type { Asking } from '../core/jailbreaks/registry/acts.ts'
import {
  type Drill,
  drillResult,
  drillSummary,
  NO_ROSTER,
  onDuty,
  parseRoster,
} from '../core/jailbreaks/registry/duty.ts'
import { RegistryError } from '../core/jailbreaks/registry/errors.ts'
import type { RegistryPorts, RosterRow } from './registry-ports.ts'

export type Duty = ReturnType<typeof createDuty>

/** The duty desk: who is on duty, and drills with the time until somebody answered. */
export function createDuty({ store, appendEntry, sha256, nowMs, newId, report }: RegistryPorts) {
  const append = async (drill: Drill, act: string) => {
    report(`duty.${act}`, { drill: drill.id })
    const ms = drill.acknowledgedAtMs === null ? 0 : drill.acknowledgedAtMs - drill.startedAtMs
    const result = drill.acknowledgedAtMs === null ? 'called' : 'acknowledged'
    await appendEntry?.('drill', drill.id, `sha256:${sha256(canonicalJson(drill))}`, { target: 'duty', result, ms })
  }
  const show = async () => {
    const [row, drills, now] = [await store.roster(), await store.drills(), nowMs()]
    return {
      nowMs: now,
      onDuty: onDuty(row?.roster ?? NO_ROSTER, now),
      roster: row,
      drills: drills.map((drill) => drillResult(drill, now)),
      summary: drillSummary(drills, now),
    }
  }
  return {
    show,
    rosters: () => store.rosters(),
    set: async (value: unknown, { person, reason }: Asking): Promise<RosterRow> => {
      const row = { roster: parseRoster(value), atMs: nowMs(), by: person, reason }
      await store.setRoster(row)
      report('duty.set', { shifts: row.roster.shifts.length })
      return row
    },
    drill: async ({ person }: Asking): Promise<Drill> => {
      const now = nowMs()
      const called = onDuty((await store.roster())?.roster ?? NO_ROSTER, now)
      if (called === null)
        throw new RegistryError('input_invalid', 'nobody is on duty now', 'set a roster: `sluice duty set FILE`')
      const drill: Drill = {
        ...{ id: newId('drl'), startedAtMs: now, startedBy: person, person: called.person, contact: called.contact },
        ...{ acknowledgedAtMs: null, acknowledgedBy: null },
      }
      await store.addDrill(drill)
      await append(drill, 'drill')
      return drill
    },
    /** Answers a drill; without an id the newest that nobody answered. */
    acknowledge: async (id: string | null, { person }: Asking) => {
      const open = (await store.drills()).filter(({ acknowledgedAtMs }) => acknowledgedAtMs === null)
      const drill = id === null ? open[0] : open.find((one) => one.id === id)
      if (drill === undefined)
        throw new RegistryError('not_found', 'no drill waits for an answer', 'see `sluice duty show`')
      const atMs = nowMs()
      if (!(await store.acknowledgeDrill(drill.id, atMs, person)))
        throw new RegistryError('conflict', 'somebody answered first', 'see `sluice duty show`')
      const done = { ...drill, acknowledgedAtMs: atMs, acknowledgedBy: person }
      await append(done, 'ack')
      return drillResult(done, atMs)
    },
  }
}
