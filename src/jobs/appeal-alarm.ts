import { isOverdue } from '../core/safeguards/appeal-machine.ts'
import type { AppealStore } from './review-ports.ts'

/** Appeals that wait for an answer. */
export interface AppealClock {
  readonly open: number
  readonly overdue: number
  /** When the oldest of them was filed, milliseconds since 1970; null: none waits. */
  readonly oldestFiledAtMs: number | null
}

/** Appeals that are looked through for what is past its clock: the first filed are the first due. */
const MOST_LOOKED = 500

/** Counts what waits, and raises the alarm once for each appeal that passes its clock. */
export function createAppealAlarm({
  store,
  nowMs,
  report,
}: {
  readonly store: Pick<AppealStore, 'appeals' | 'openBefore'>
  nowMs(): number
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}) {
  const alarmed = new Set<string>()
  return {
    async look(): Promise<AppealClock> {
      const now = nowMs()
      const [rows, open] = await Promise.all([
        store.appeals(['open', 'in_review'], MOST_LOOKED),
        store.openBefore(Number.MAX_SAFE_INTEGER),
      ])
      const late = rows.filter((row) => isOverdue({ ...row, offeredAtMs: row.filedAtMs }, now))
      for (const { id, respondByMs } of late) {
        if (alarmed.has(id)) continue
        alarmed.add(id)
        report('appeal.overdue', { appeal: id, late_minutes: Math.floor((now - respondByMs) / 60_000) })
      }
      const oldest = rows.reduce<number | null>(
        (least, { filedAtMs }) => (least === null ? filedAtMs : Math.min(least, filedAtMs)),
        null,
      )
      return { open, overdue: late.length, oldestFiledAtMs: oldest }
    },
  }
}
