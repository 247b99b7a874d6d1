import type { ReleaseDetail } from '../../release-contract.ts'
import type { Format } from '../format.ts'
import type { Words } from '../words.tsx'

/** The finding: where the release stands, and what that depends on. */
export function headingOf({ row, guard }: ReleaseDetail, words: Words): string {
  const { name, gates } = row
  const { stage } = row.state
  switch (stage) {
    case 'evaluated': {
      const n = gates.filter(({ outcome }) => outcome !== 'pass').length
      const failed =
        n === 0
          ? words('release.gates.all')
          : words('release.gates.failed', { n: String(n), all: String(gates.length) })
      return words('release.h1.evaluated', { name, failed })
    }
    case 'canary': {
      if (row.paused !== null) return words('release.h1.paused', { name })
      const outcomes = Object.values(guard).map(({ outcome }) => outcome)
      const outcome =
        (['regressed', 'inconclusive', 'clear'] as const).find((one) => outcomes.includes(one)) ?? 'inconclusive'
      return words('release.h1.canary', {
        name,
        percent: String(row.percent ?? 0),
        outcome: words(`outcome.${outcome}`),
      })
    }
    case 'superseded':
      return words(row.inForce ? 'release.h1.again' : 'release.h1.superseded', { name })
    default:
      return words(`release.h1.${stage}`, { name })
  }
}

/** Slot, tier with its reasons, approvals wanted, and when it ends. */
export function ledeOf({ row, quorum }: ReleaseDetail, words: Words, format: Format): string {
  const because = words.list(...row.tierBecause.map((cause) => words(`cause.${cause}`)))
  return words.join(
    words('release.lede', { slot: row.slot, tier: String(row.tier), because }),
    quorum === 'none'
      ? words('release.quorum.none')
      : quorum === 'closed'
        ? words('release.quorum.closed')
        : words('release.quorum', { quorum }),
    row.sunsetAtMs === null ? '' : words('release.sunset', { date: format.when(row.sunsetAtMs).slice(0, 10) }),
  )
}
