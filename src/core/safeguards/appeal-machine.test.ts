import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  APPEAL_LOCK_MS,
  APPEAL_STATES,
  type Appeal,
  type AppealMove,
  type AppealState,
  isIllegal,
  isOverdue,
  OFFER_MS,
  offered,
  stepAppeal,
} from './appeal-machine.ts'

const HOUR = 3_600_000

/** Written apart from the machine: every arrow of governance.md §5.3, and what the picture of it may hold. */
const ARROWS: Readonly<Record<AppealState, Partial<Record<AppealMove['kind'], readonly AppealState[]>>>> = {
  offered: { file: ['open'] },
  open: { take: ['in_review'], withdraw: ['withdrawn'] },
  in_review: { release: ['open'], lock_lapse: ['open'], decide: ['upheld', 'overturned'], withdraw: ['withdrawn'] },
  upheld: {},
  overturned: { fixed: ['overturned'] },
  withdrawn: {},
}

interface Model {
  state: AppealState
  holder: string | null
  lockedUntilMs: number
  nowMs: number
}
interface Real {
  appeal: Appeal
  /** Every transition, as it is recorded. */
  readonly history: { readonly from: AppealState; readonly move: AppealMove['kind']; readonly to: AppealState }[]
}

function sound({ state, lock, verdict, filedAtMs, respondByMs, fixedIn }: Appeal): void {
  expect(lock !== null).toBe(state === 'in_review')
  expect(verdict !== null).toBe(state === 'upheld' || state === 'overturned')
  expect(filedAtMs !== null && respondByMs !== null).toBe(state !== 'offered')
  if (fixedIn !== null) expect(state).toBe('overturned')
}

class Try implements fc.Command<Model, Real> {
  readonly move: AppealMove
  readonly waitMs: number
  constructor(move: AppealMove, waitMs: number) {
    this.move = move
    this.waitMs = waitMs
  }
  check = () => true
  run(model: Model, real: Real): void {
    model.nowMs += this.waitMs
    const before = real.appeal
    const late = isOverdue(before, model.nowMs)
    const after = stepAppeal(before, this.move, model.nowMs)
    const allowed = ARROWS[model.state][this.move.kind] ?? []
    if (isIllegal(after)) {
      expect(real.appeal).toEqual(before)
      // What the model allows is refused only for a named cause.
      if (allowed.length > 0) expect(after.illegal).not.toBe('not_possible_now')
    } else {
      expect(allowed).toContain(after.state)
      if (this.move.kind === 'release') expect(this.move.by).toBe(model.holder)
      if (this.move.kind === 'lock_lapse') expect(model.nowMs).toBeGreaterThanOrEqual(model.lockedUntilMs)
      if (this.move.kind === 'decide') {
        expect(this.move.by).toBe(model.holder)
        expect(model.nowMs).toBeLessThan(model.lockedUntilMs)
        expect(this.move.labellers).not.toContain(this.move.by)
        expect(this.move.reason.trim()).not.toBe('')
      }
      // Only a person ends it, however late it is.
      if (late && after.state !== 'open' && after.state !== 'in_review')
        expect(['decide', 'withdraw']).toContain(this.move.kind)
      sound(after)
      real.history.push({ from: before.state, move: this.move.kind, to: after.state })
      real.appeal = after
      model.state = after.state
      if (this.move.kind === 'take') {
        model.holder = this.move.by
        model.lockedUntilMs = model.nowMs + APPEAL_LOCK_MS
      } else if (model.state !== 'in_review') model.holder = null
    }
    // The record alone tells where the appeal is.
    expect(real.history.at(-1)?.to ?? 'offered').toBe(real.appeal.state)
    for (const [i, { from }] of real.history.entries()) expect(real.history[i - 1]?.to ?? 'offered').toBe(from)
  }
  toString = () => `${this.move.kind} after ${this.waitMs} ms`
}

const person = fc.constantFrom('aoki', 'brandt', 'chen')
const wait = fc.constantFrom(0, 1, APPEAL_LOCK_MS - 1, APPEAL_LOCK_MS, 49 * HOUR)
const moves: fc.Arbitrary<AppealMove>[] = [
  fc.constant({ kind: 'file', hours: 48 }),
  person.map((by) => ({ kind: 'take', by })),
  person.map((by) => ({ kind: 'release', by })),
  fc.constant({ kind: 'lock_lapse' }),
  fc.record({
    kind: fc.constant('decide' as const),
    by: person,
    verdict: fc.constantFrom('upheld' as const, 'overturned' as const),
    reason: fc.constantFrom('own login service', '  '),
    labellers: fc.subarray(['aoki', 'brandt']),
  }),
  fc.constant({ kind: 'withdraw' }),
  fc.constant({ kind: 'fixed', release: 'base-2026.12.01' }),
]

test('SR-11: appeal machine: no sequence of moves by anyone at any time reaches a state that is not in the table', () => {
  const reached = new Set<string>()
  const commands = fc.commands(
    moves.map((move) => fc.tuple(move, wait).map(([one, ms]) => new Try(one, ms))),
    { maxCommands: 60, size: 'max' },
  )
  fc.assert(
    fc.property(commands, (some) => {
      const real: Real = { appeal: offered(0), history: [] }
      const model: Model = { state: 'offered', holder: null, lockedUntilMs: 0, nowMs: 0 }
      fc.modelRun(() => ({ model, real }), some)
      for (const { from, move, to } of real.history) reached.add(`${from} ${move} ${to}`)
    }),
    { numRuns: 1500, seed: 11 },
  )
  // Nothing of the table is out of reach either.
  const all = Object.entries(ARROWS).flatMap(([from, byMove]) =>
    Object.entries(byMove).flatMap(([move, states]) => states.map((to) => `${from} ${move} ${to}`)),
  )
  expect([...reached].sort()).toEqual(all.sort())
  expect(Object.keys(ARROWS)).toEqual([...APPEAL_STATES])
})

test('appeal machine: an offer lapses after 30 days', () => {
  const filed = (atMs: number) => stepAppeal(offered(0), { kind: 'file', hours: 48 }, atMs)
  expect(filed(OFFER_MS - 1)).toMatchObject({ state: 'open', respondByMs: OFFER_MS - 1 + 48 * HOUR })
  expect(filed(OFFER_MS)).toEqual({ illegal: 'offer_lapsed' })
})

test('appeal machine: overdue from the moment after its clock, until decided', () => {
  const open = stepAppeal(offered(0), { kind: 'file', hours: 1 }, 0) as Appeal
  expect([isOverdue(open, HOUR), isOverdue(open, HOUR + 1)]).toEqual([false, true])
  expect(isOverdue({ ...open, state: 'upheld' }, HOUR + 1)).toBe(false)
})

test('appeal machine: an appeal in hand can be decided by its holder alone, while the lock holds', () => {
  const open = stepAppeal(offered(0), { kind: 'file', hours: 48 }, 0) as Appeal
  const held = stepAppeal(open, { kind: 'take', by: 'aoki' }, 0) as Appeal
  const decide = { kind: 'decide', verdict: 'overturned', reason: 'own login service', labellers: [] } as const
  expect(stepAppeal(held, { kind: 'take', by: 'chen' }, 1)).toEqual({ illegal: 'held_by_another' })
  expect(stepAppeal(held, { ...decide, by: 'chen' }, 1)).toEqual({ illegal: 'held_by_another' })
  expect(stepAppeal(held, { ...decide, by: 'aoki' }, APPEAL_LOCK_MS)).toEqual({ illegal: 'lock_lapsed' })
  expect(stepAppeal(held, { ...decide, by: 'aoki', labellers: ['aoki'] }, 1)).toEqual({
    illegal: 'decider_is_labeller',
  })
  expect(stepAppeal(held, { ...decide, by: 'aoki', reason: ' a ' }, 1)).toEqual({ illegal: 'reason_missing' })
  expect(stepAppeal(held, { ...decide, by: 'aoki' }, 1)).toMatchObject({ state: 'overturned', lock: null })
})
