import type { Case, CaseEvent, Instrument } from '../../src/core/jailbreaks/registry/case.ts'
import type { Drill } from '../../src/core/jailbreaks/registry/duty.ts'
import { checkedDraft, type EntryDraft } from '../../src/core/record/draft.ts'
import type { RecordStore } from '../../src/jobs/record-ports.ts'
import type { PublishedObject, RegistryStore, RosterRow } from '../../src/jobs/registry-ports.ts'

/** The registry's store in memory; keeps the same contract as the real ones. */
export function memoryRegistry(): RegistryStore & Pick<RecordStore, 'drafts'> {
  const cases = new Map<string, Case>()
  const events: CaseEvent[] = []
  const objects: PublishedObject[] = []
  const instruments = new Map<string, Instrument>()
  const rosters: RosterRow[] = []
  const drills: Drill[] = []
  const entries: EntryDraft[] = []
  const number = (id: string) => Number(id.slice(-6))
  return {
    cases: async () => [...cases.values()].sort((a, b) => b.id.localeCompare(a.id)),
    case: async (id) => cases.get(id) ?? null,
    lastCaseNumber: async (year) =>
      Math.max(0, ...[...cases.keys()].filter((id) => id.startsWith(`JRX-${year}-`)).map(number)),
    async changeCase(next, expected, { event, published, instrument, entries: told }) {
      if ((cases.get(next.id)?.version ?? null) !== expected) return false
      if (instrument !== undefined) {
        // Numbered first, without an envelope; then the envelope, once.
        const before = instruments.get(instrument.id)
        if (instrument.envelope === null ? before !== undefined : before?.envelope !== null) return false
      }
      entries.push(...told.map(writable))
      if (instrument !== undefined) instruments.set(instrument.id, instrument)
      cases.set(next.id, structuredClone(next))
      events.push({ ...structuredClone(event), seq: events.length + 1 })
      if (published !== undefined) objects.push(published)
      return true
    },
    caseEvents: async (id) => events.filter((each) => each.case === id),
    publishedOf: async (id) => objects.filter((each) => each.case === id),
    lastInstrumentNumber: async (year) =>
      Math.max(0, ...[...instruments.keys()].filter((id) => id.startsWith(`INS-${year}-`)).map((id) => +id.slice(9))),
    instrument: async (id) => instruments.get(id) ?? null,
    roster: async () => rosters[0] ?? null,
    rosters: async () => [...rosters],
    setRoster: async (row) => void rosters.unshift(row),
    drafts: async (limit) => entries.slice(0, limit).map((draft, seq) => ({ seq, draft })),
    drills: async () => [...drills].sort((a, b) => b.startedAtMs - a.startedAtMs),
    async addDrill(drill, entry) {
      entries.push(checkedDraft(entry))
      drills.push(drill)
    },
    async acknowledgeDrill(id, atMs, by, entry) {
      const i = drills.findIndex((one) => one.id === id && one.acknowledgedAtMs === null)
      if (i < 0) return false
      entries.push(checkedDraft(entry))
      drills[i] = { ...drills[i]!, acknowledgedAtMs: atMs, acknowledgedBy: by }
      return true
    },
  }
}

/** A real store says of a draft that cannot be written what every other fault is to it, with the draft's own as cause. */
function writable(draft: EntryDraft): EntryDraft {
  try {
    return checkedDraft(draft)
  } catch (cause) {
    throw new Error('not written', { cause })
  }
}
