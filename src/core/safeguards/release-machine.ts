/** Safeguard releases as a machine of states (governance.md §5.1). Pure: the clock comes in as moves and arguments. */

export const STAGES = [
  'draft',
  'evaluated',
  'review',
  'shadow',
  'canary',
  'enforcing',
  'rolled_back',
  'superseded',
  'abandoned',
] as const
export type Stage = (typeof STAGES)[number]

export interface Veto {
  readonly by: string
  readonly ground: string
  readonly expiresAtMs: number
}

/** What decides which moves are open. Who, when and why stands in the list of moves. */
export interface ReleaseState {
  readonly stage: Stage
  /** Ids of the authorities that approve the frozen manifest, sorted. */
  readonly approvals: readonly string[]
  readonly veto: Veto | null
  /** Null: not measured since the last edit, or no longer asked. */
  readonly gates: 'pass' | 'fail' | null
}

export type Move =
  | { readonly kind: 'evaluate'; readonly gates: 'pass' | 'fail' }
  | { readonly kind: 'approve'; readonly by: string }
  | { readonly kind: 'veto'; readonly veto: Veto; readonly atMs: number }
  | { readonly kind: Plain }

type Plain =
  | 'submit'
  | 'approvals_lapse'
  | 'release'
  | 'veto_lapse'
  | 'edit'
  | 'promote_shadow'
  | 'shadow_fail'
  | 'promote_canary'
  | 'rollback'
  | 'supersede'
  | 'sunset'
  | 'revise'
  | 'abandon'

/** Closed codes of a move that is not open (governance.md §6), and `stage`: not from here. */
export type IllegalCode = 'stage' | 'gates' | 'quorum' | 'vetoed' | 'twice' | 'nothing' | 'expiry_too_long' | 'metrics'

/** The move is not open; a value, since whoever asked must be told why. */
export interface Illegal {
  readonly illegal: IllegalCode
}

/** What the moves depend on beside the state: computed by the caller from the register, the clock and the metrics. */
export interface Guards {
  /** Do these authorities meet the quorum of the release's tier? */
  quorumMet(approvals: readonly string[]): boolean
  /** Time in the stage is served and no guard metric is outside its limit. */
  readonly metricsInLimits: boolean
}

export const DRAFT: ReleaseState = { stage: 'draft', approvals: [], veto: null, gates: null }

export const MOST_VETO_MS = 14 * 86_400_000

/** One move of one release. Total: what is not open is `Illegal`, never an exception. */
export function step(state: ReleaseState, move: Move, guards: Guards): ReleaseState | Illegal {
  const { stage, approvals, veto, gates } = state
  const from = (...stages: readonly Stage[]) => stages.includes(stage)
  switch (move.kind) {
    case 'evaluate':
      return from('draft') ? { ...clear('evaluated'), gates: move.gates } : NOT_FROM_HERE
    case 'submit':
      return from('evaluated') ? { ...clear('review'), gates } : NOT_FROM_HERE
    case 'approve':
      if (!from('review')) return NOT_FROM_HERE
      if (approvals.includes(move.by)) return { illegal: 'twice' }
      return { ...state, approvals: [...approvals, move.by].sort() }
    case 'approvals_lapse':
      if (!from('review')) return NOT_FROM_HERE
      return approvals.length === 0 ? { illegal: 'nothing' } : { ...state, approvals: [] }
    case 'release':
      if (!from('review')) return NOT_FROM_HERE
      if (gates !== 'pass') return { illegal: 'gates' }
      if (veto !== null) return { illegal: 'vetoed' }
      return guards.quorumMet(approvals) ? { ...state, stage: 'shadow' } : { illegal: 'quorum' }
    case 'veto':
      if (!from('review', 'shadow', 'canary')) return NOT_FROM_HERE
      if (veto !== null) return { illegal: 'twice' }
      return lives(move.veto, move.atMs) ? { ...state, veto: move.veto } : { illegal: 'expiry_too_long' }
    case 'veto_lapse':
      return veto === null ? { illegal: 'nothing' } : { ...state, veto: null }
    case 'edit':
      return from('evaluated', 'review', 'shadow', 'canary') ? DRAFT : NOT_FROM_HERE
    case 'promote_shadow':
      return promoted(state, 'shadow', { ...state, stage: 'canary' }, guards)
    case 'shadow_fail':
      return from('shadow') ? DRAFT : NOT_FROM_HERE
    case 'promote_canary':
      return promoted(state, 'canary', clear('enforcing'), guards)
    case 'rollback':
      return from('canary', 'enforcing') ? clear('rolled_back') : NOT_FROM_HERE
    case 'supersede':
      return from('enforcing') ? clear('superseded') : NOT_FROM_HERE
    case 'sunset':
      return from('enforcing') ? clear('rolled_back') : NOT_FROM_HERE
    case 'revise':
      return from('rolled_back') ? DRAFT : NOT_FROM_HERE
    case 'abandon':
      return from('draft', 'evaluated', 'review', 'rolled_back') ? clear('abandoned') : NOT_FROM_HERE
  }
}

export function isIllegal(result: ReleaseState | Illegal): result is Illegal {
  return 'illegal' in result
}

const NOT_FROM_HERE: Illegal = { illegal: 'stage' }

function clear(stage: Stage): ReleaseState {
  return { ...DRAFT, stage }
}

function promoted(state: ReleaseState, from: Stage, to: ReleaseState, guards: Guards): ReleaseState | Illegal {
  if (state.stage !== from) return NOT_FROM_HERE
  if (state.veto !== null) return { illegal: 'vetoed' }
  return guards.metricsInLimits ? to : { illegal: 'metrics' }
}

function lives({ expiresAtMs }: Veto, atMs: number): boolean {
  return expiresAtMs > atMs && expiresAtMs - atMs <= MOST_VETO_MS
}
