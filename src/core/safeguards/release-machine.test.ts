import { describe, expect, test } from 'vitest'
import { parseQuorum, quorumMet } from '../governance/quorum.ts'
import {
  DRAFT,
  type Guards,
  type Illegal,
  isIllegal,
  MOST_VETO_MS,
  type Move,
  type ReleaseState,
  type Stage,
  step,
} from './release-machine.ts'

/** Two technical authorities and one of policy; two must agree, one of them technical. */
const TYPES: Readonly<Record<string, string>> = { t1: 'technical', t2: 'technical', p: 'policy' }
const QUORUM = parseQuorum('technical + {technical, policy}')
const guards: Guards = {
  quorumMet: (approvals) =>
    quorumMet(QUORUM, {
      approvals: approvals.map((person) => ({ person, groups: [TYPES[person]!] })),
      objections: [],
      daysAsked: 0,
    }),
  metricsInLimits: true,
}
const veto = { by: 'p', ground: 'voluntary-review', expiresAtMs: MOST_VETO_MS }
const MOVES: readonly Move[] = [
  ...(['pass', 'fail'] as const).map((gates) => ({ kind: 'evaluate', gates }) as const),
  ...Object.keys(TYPES).map((by) => ({ kind: 'approve', by }) as const),
  { kind: 'veto', veto, atMs: 0 },
  ...(['submit', 'approvals_lapse', 'release', 'veto_lapse', 'edit', 'promote_shadow', 'shadow_fail'] as const).map(
    (kind) => ({ kind }),
  ),
  ...(['promote_canary', 'rollback', 'supersede', 'sunset', 'revise', 'abandon'] as const).map((kind) => ({ kind })),
]

interface Edge {
  readonly from: ReleaseState
  readonly move: Move
  readonly to: ReleaseState
}

const key = (state: ReleaseState) => JSON.stringify(state)
const { states, edges } = explore()

/** Every state that the real `step` reaches from a draft, and every edge between them. */
function explore(): { states: readonly ReleaseState[]; edges: readonly Edge[] } {
  const found = new Map([[key(DRAFT), DRAFT]])
  const all: Edge[] = []
  for (const from of found.values())
    for (const move of MOVES) {
      const to = step(from, move, guards)
      if (isIllegal(to)) continue
      all.push({ from, move, to })
      if (!found.has(key(to))) found.set(key(to), to)
    }
  return { states: [...found.values()], edges: all }
}

const leaving = (state: ReleaseState) => edges.filter(({ from }) => key(from) === key(state))
const kinds = (state: ReleaseState) => leaving(state).map(({ move }) => move.kind)
const entering = (stage: Stage) => edges.filter(({ from, to }) => to.stage === stage && from.stage !== stage)

describe('release machine, every state', () => {
  test('SR-11: 55 states and 246 edges, by stage as governance.md §5.4 counts them', () => {
    const byStage: Record<string, number> = {}
    for (const { stage } of states) byStage[stage] = (byStage[stage] ?? 0) + 1
    expect(byStage).toEqual({
      ...{ draft: 1, evaluated: 2, review: 32, shadow: 8, canary: 8 },
      ...{ enforcing: 1, rolled_back: 1, superseded: 1, abandoned: 1 },
    })
    const different = new Set(edges.map(({ from, move, to }) => JSON.stringify([from, move, to])))
    expect([states.length, edges.length, different.size]).toEqual([55, 246, 246])
    expect(edges.filter(({ move }) => move.kind === 'release')).toHaveLength(4)
  })

  test('only superseded and abandoned have no move', () => {
    const stuck = states.filter((state) => leaving(state).length === 0).map(({ stage }) => stage)
    expect(stuck.sort()).toEqual(['abandoned', 'superseded'])
  })

  test('shadow is entered only by release, with quorum, without veto, with its gates passed', () => {
    for (const { from, move } of entering('shadow')) {
      expect([from.stage, move.kind, from.veto, from.gates]).toEqual(['review', 'release', null, 'pass'])
      expect(guards.quorumMet(from.approvals)).toBe(true)
    }
    expect(entering('canary').every(({ from }) => from.stage === 'shadow' && from.veto === null)).toBe(true)
  })

  test('enforcing is entered only from canary, and no veto is live then', () => {
    const into = entering('enforcing')
    expect(new Set(into.map(({ from }) => from.stage))).toEqual(new Set(['canary']))
    expect(into.every(({ from }) => from.veto === null)).toBe(true)
  })

  test('every veto can lapse; every canary and enforcing release can be rolled back, also under a veto', () => {
    for (const state of states.filter((one) => one.veto !== null)) expect(kinds(state)).toContain('veto_lapse')
    for (const state of states.filter(({ stage }) => stage === 'canary' || stage === 'enforcing'))
      expect(kinds(state)).toContain('rollback')
  })

  test('from every state that has a move, enforcing can be reached', () => {
    const reaching = new Set(states.filter(({ stage }) => stage === 'enforcing').map(key))
    for (let before = -1; before !== reaching.size; ) {
      before = reaching.size
      for (const { from, to } of edges) if (reaching.has(key(to))) reaching.add(key(from))
    }
    const cut = states.filter((state) => !reaching.has(key(state))).map(({ stage }) => stage)
    expect(cut.sort()).toEqual(['abandoned', 'superseded'])
  })

  test('no approval survives an edit, a failed shadow or a revision', () => {
    for (const { move, to } of edges)
      if (['edit', 'shadow_fail', 'revise'].includes(move.kind)) expect(to).toEqual(DRAFT)
  })

  test('metrics outside their limits, or time not served, stop both promotions and nothing else', () => {
    for (const { from, move } of edges) {
      const to = step(from, move, { ...guards, metricsInLimits: false })
      expect(isIllegal(to)).toBe(move.kind === 'promote_shadow' || move.kind === 'promote_canary')
    }
  })

  test('what is not open says why', () => {
    const review: ReleaseState = { stage: 'review', approvals: ['t1'], veto: null, gates: 'pass' }
    const why = (state: ReleaseState, move: Move) => (step(state, move, guards) as Illegal).illegal
    expect(why(review, { kind: 'release' })).toBe('quorum')
    expect(why({ ...review, gates: 'fail' }, { kind: 'release' })).toBe('gates')
    expect(why({ ...review, veto }, { kind: 'release' })).toBe('vetoed')
    expect(why(review, { kind: 'approve', by: 't1' })).toBe('twice')
    expect(why(review, { kind: 'rollback' })).toBe('stage')
    for (const expiresAtMs of [0, -1, MOST_VETO_MS + 1])
      expect(why(review, { kind: 'veto', veto: { ...veto, expiresAtMs }, atMs: 0 })).toBe('expiry_too_long')
  })
})
