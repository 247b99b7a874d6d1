import { valueText } from '../../../core/briefs/collateral/gate-text.ts'
import { COLLATERAL_WORDS } from '../../../core/briefs/collateral/html.ts'
import { count } from '../../../core/briefs/collateral/numbers.ts'
import type { Gate } from '../../../core/safeguards/release.ts'
import type { Words } from '../words.tsx'

/** What a gate measured, in the reader's language; the words that came with it where there is nothing else. */
export function measuredText({ measured, says }: Gate, words: Words): string {
  if (measured === undefined) return says
  const report = COLLATERAL_WORDS[words.lang]
  switch (measured.kind) {
    case 'report': {
      const { gate } = measured
      const n = count(gate.n)
      const value = valueText(gate, report)
      const figures = value === '–' ? words('measured.n', { n }) : words('measured.value', { value, n })
      // A report of a later version may give a reason that this one has no words for.
      const why = report.reason(gate, { n, needed: count(gate.needed ?? 0) }) as string | undefined
      const what = words('measured.of', { what: report.gate[gate.name], why: figures })
      return why === undefined || gate.reason === 'holds' ? what : words.join(what, why)
    }
    case 'superset': {
      const { relation, strictlyWorse, newlyActed, noLongerActed, unchanged } = measured
      return words('measured.superset', {
        relation: strictlyWorse ? report.superset.worse : report.superset[relation],
        ...{ more: count(newlyActed), less: count(noLongerActed), same: count(unchanged) },
      })
    }
    case 'sunset': {
      const { ends, days } = measured
      if (ends === null || days === null) return words('measured.sunset.none')
      if (days < 8) return words('measured.sunset.late', { date: ends })
      return words('measured.sunset', { date: ends, days: String(days) })
    }
  }
}
