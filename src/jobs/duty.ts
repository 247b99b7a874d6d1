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
import { type EntryDraft, hashName } from '../core/record/draft.ts'
import type { RegistryPorts, RosterRow } from './registry-ports.ts'

export type Duty = ReturnType<typeof createDuty>

/** The duty desk: who is on duty, and drills with the time until somebody answered. */
export function createDuty({ store, sha256, nowMs, newId, report }: RegistryPorts) {
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
      await store.addDrill(drill, entryOf(drill, sha256))
      report('duty.drill', { drill: drill.id })
      return drill
    },
    /** Answers a drill; without an id the newest that nobody answered. */
    acknowledge: async (id: string | null, { person }: Asking) => {
      const open = (await store.drills()).filter(({ acknowledgedAtMs }) => acknowledgedAtMs === null)
      const drill = id === null ? open[0] : open.find((one) => one.id === id)
      if (drill === undefined)
        throw new RegistryError('not_found', 'no drill waits for an answer', 'see `sluice duty show`')
      const atMs = nowMs()
      const done = { ...drill, acknowledgedAtMs: atMs, acknowledgedBy: person }
      if (!(await store.acknowledgeDrill(drill.id, atMs, person, entryOf(done, sha256))))
        throw new RegistryError('conflict', 'somebody answered first', 'see `sluice duty show`')
      report('duty.ack', { drill: drill.id })
      return drillResult(done, atMs)
    },
  }
}

/** What the record says of a drill: how it stands, and how long the answer took. */
function entryOf(drill: Drill, sha256: RegistryPorts['sha256']): EntryDraft {
  const { startedAtMs, acknowledgedAtMs } = drill
  const result = acknowledgedAtMs === null ? 'called' : 'acknowledged'
  const d = { target: 'duty', result, ms: acknowledgedAtMs === null ? 0 : acknowledgedAtMs - startedAtMs }
  return { k: 'drill', who: 'system:registry', about: drill.id, h: hashName(sha256(canonicalJson(drill))), d }
}
