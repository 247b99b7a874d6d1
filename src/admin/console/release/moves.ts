import type { ReleaseDetail } from '../../release-contract.ts'
import type { Words } from '../words.tsx'
import type { MoveName } from './api.ts'

/** A button: what it does, and what it says. */
export interface Offer {
  readonly move: MoveName
  readonly text: string
}

/** What a person may do from here, the safest first. The server has the last word, and says why not. */
export function offersOf({ row, steps }: ReleaseDetail, words: Words): readonly Offer[] {
  const { stage } = row.state
  const plain = (move: Exclude<MoveName, 'promote'>): Offer => ({ move, text: words(`do.${move}`) })
  const dry = plain(row.dryRun ? 'dry-run-end' : 'dry-run')
  const percent = (i: number) => ({ percent: String(steps[i] ?? 0) })
  switch (stage) {
    case 'draft':
      return [plain('abandon'), plain('report'), plain('evaluate')]
    case 'evaluated':
      return [plain('abandon'), dry, plain('submit')]
    case 'review':
      return [plain('abandon'), dry, { move: 'promote', text: words('do.promote.shadow') }]
    case 'shadow':
      return [dry, { move: 'promote', text: words('do.promote.canary', percent(0)) }]
    case 'canary': {
      if (row.paused !== null) return [plain('rollback'), plain('resume')]
      const next = (row.step ?? 0) + 1
      const text = next < steps.length ? words('do.promote.step', percent(next)) : words('do.promote.enforcing')
      return [plain('rollback'), plain('pause'), { move: 'promote', text }]
    }
    case 'enforcing':
      return [plain('rollback')]
    case 'superseded':
      return row.inForce ? [plain('rollback')] : []
    case 'rolled_back':
      return [plain('abandon')]
    case 'abandoned':
      return []
  }
}
