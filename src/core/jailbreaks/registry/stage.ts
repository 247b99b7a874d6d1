import type { Response } from '../severity/response-table.ts'
import type { Stage } from './case.ts'

/** What moves a case. */
export type StageMove = 'acknowledge' | 'triage' | 'reproduce' | 'assess' | 'respond' | 'fix' | 'publish' | 'withdraw'

const RESPONDED: readonly Stage[] = ['recorded', 'scheduled', 'contained']
const AFTER_RECEIPT: readonly Stage[] = ['acknowledged', 'triage', 'reproducing', 'assessed', ...RESPONDED, 'fixed']

const FROM: Readonly<Record<StageMove, readonly Stage[]>> = {
  acknowledge: ['received'],
  triage: ['acknowledged'],
  reproduce: ['acknowledged', 'triage', 'assessed', ...RESPONDED, 'fixed', 'published'],
  assess: [...AFTER_RECEIPT, 'published'],
  respond: ['triage', 'reproducing', 'assessed', ...RESPONDED],
  fix: ['assessed', ...RESPONDED, 'published'],
  publish: [...RESPONDED, 'fixed', 'published'],
  withdraw: ['received', ...AFTER_RECEIPT, 'published'],
}

export function isOpen(move: StageMove, stage: Stage): boolean {
  return FROM[move].includes(stage)
}

export function movesFrom(stage: Stage): readonly StageMove[] {
  return (Object.keys(FROM) as StageMove[]).filter((move) => isOpen(move, stage))
}

/** Which stage an action leads to; null: it asks for something, and nothing is decided yet. */
export function stageOf(action: Response): Stage | null {
  switch (action) {
    case 'record':
    case 'mandatory_route':
      return 'recorded'
    case 'ordinary_release':
    case 'fix':
      return 'scheduled'
    case 'scoped_containment':
    case 'containment_narrowest':
    case 'containment_while_reproducing':
    case 'containment':
      return 'contained'
    case 'ask_artefacts':
    case 'reproduce':
      return null
  }
}
