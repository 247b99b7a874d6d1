import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrgId, PrincipalId } from '../../src/core/base/ids.ts'
import type { Exception } from '../../src/core/safeguards/exception.ts'
import type { Store } from '../../src/jobs/ports.ts'
import type { AppealEvent, AppealRow, LabelRow, Redress, ReviewItem } from '../../src/jobs/review-ports.ts'
import { spooled, stored } from './store-contract.ts'

const AT = 1_795_500_000_000
const WHY = { by: 'lead', atMs: AT, reason: 'they answered by habit' }
const ANY = { appeals: 1000, sinceMs: 0 }

const appealOf = (n: number, more: Partial<AppealRow> = {}): AppealRow => {
  const { id, appeal } = stored({ n }).receipt
  return {
    ...{ id: appeal, decision: id, org: 'default' as OrgId, principal: 'pri_test' as PrincipalId, state: 'open' },
    ...{
      filedAtMs: AT + n,
      respondByMs: AT + n + 1,
      note: `note ${n}`,
      seq: 0,
      lock: null,
      verdict: null,
      fixedIn: null,
    },
    ...more,
  }
}
const eventOf = (row: AppealRow, move: AppealEvent['move'], from: AppealEvent['from']): AppealEvent => ({
  ...{ appeal: row.id, seq: row.seq, atMs: AT, by: 'aoki', move, from, to: row.state, reason: null },
})
const labelOf = (n: number, more: Partial<LabelRow> = {}): LabelRow => ({
  ...{ id: `lab_${String(n).padStart(3, '0')}`, item: `rev_${n}`, decision: stored({ n }).receipt.id },
  ...{ org: 'default' as OrgId, source: 'review', label: 'benign', category: 'cyber', attack: null, by: 'aoki' },
  ...{ atMs: AT + n, reason: 'own code', golden: false, revokedAtMs: null, revokedBy: null },
  ...more,
})
const itemOf = (n: number, more: Partial<ReviewItem> = {}): ReviewItem => ({
  ...{
    id: `rev_${n}`,
    decision: stored({ n }).receipt.id,
    org: 'default' as OrgId,
    source: 'acted',
    category: 'cyber',
  },
  ...{ atMs: AT, addedAtMs: AT + n, priority: n, needs: 1, golden: null, cluster: `rev_${n}`, state: 'open' },
  ...{ label: null, lock: null },
  ...more,
})

/** Appeals, exceptions, the queue and its labels, on every store. */
export function reviewContract(name: string, open: () => Promise<{ store: Store; remove: () => Promise<void> }>): void {
  describe(`review and appeals on ${name}`, () => {
    let store: Store
    let remove: () => Promise<void>
    beforeAll(async () => {
      ;({ store, remove } = await open())
    })
    afterAll(async () => {
      await store?.close()
      await remove?.()
    })

    test('SR-11: a move counts only on the state it was made for; every transition is on record, with what it gives', async () => {
      await store.fileAppeal(appealOf(1), ANY)
      const held = appealOf(1, { state: 'in_review', seq: 1, lock: { by: 'aoki', untilMs: AT + 9 } })
      expect(await store.moveAppeal(held, eventOf(held, 'take', 'open'), null)).toBe(true)
      expect(await store.moveAppeal(held, eventOf(held, 'take', 'open'), null)).toBe(false)
      expect(await store.appeal(held.decision)).toEqual(held)
      const verdict = { by: 'aoki', atMs: AT, reason: 'their own code' }
      const done = appealOf(1, { state: 'overturned', seq: 2, verdict })
      const { org, principal, id: appeal, decision } = done
      const exception: Exception = {
        ...{ id: 'exc_1', appeal, decision, org, principal, reasons: ['harm.cyber'], parts: ['a', 'b'] },
        ...{ fromMs: AT, untilMs: AT + 100, revokedAtMs: null },
      }
      const tokens = [{ model: 'm', input: 3, output: 4 }]
      const redress: Redress = {
        exception,
        credit: { appeal, decision, org, principal, tokens, atMs: AT },
        label: labelOf(1, { item: null, source: 'appeal', label: 'borderline-benign' }),
      }
      expect(await store.moveAppeal(done, eventOf(done, 'decide', 'in_review'), redress)).toBe(true)
      expect((await store.appealEvents(appeal)).map(({ move, to, seq }) => [seq, move, to])).toEqual([
        [0, 'file', 'open'],
        [1, 'take', 'in_review'],
        [2, 'decide', 'overturned'],
      ])
      expect(await store.exceptionOf(appeal)).toEqual(exception)
      expect(await store.creditOf(appeal)).toEqual(redress.credit)
      expect(await store.labelsOf(decision)).toEqual([redress.label])
      expect(await store.exceptions(AT + 99)).toEqual([exception])
      expect(await store.exceptions(AT + 100)).toEqual([])
      expect([await store.revokeException('exc_1', AT), await store.revokeException('exc_1', AT)]).toEqual([
        true,
        false,
      ])
      expect(await store.exceptions(AT)).toEqual([])
      // A verdict whose redress cannot be written is no verdict.
      await store.fileAppeal(appealOf(2), ANY)
      const torn = appealOf(2, { state: 'overturned', seq: 1, verdict })
      await expect(store.moveAppeal(torn, eventOf(torn, 'decide', 'open'), redress)).rejects.toThrow()
      expect(await store.appeal(torn.decision)).toEqual(appealOf(2))
    })

    test('appeals: those that wait first, oldest first; then the others; and no more per key than allowed', async () => {
      await store.fileAppeal(appealOf(3), ANY)
      const all = await store.appeals(['open', 'in_review', 'overturned'], 10)
      expect(all.map(({ note }) => note)).toEqual(['note 2', 'note 3', 'note 1'])
      expect(await store.appeals([], 10)).toEqual([])
      expect(await store.openBefore(AT + 3)).toBe(1)
      expect(await store.fileAppeal(appealOf(4), { appeals: 3, sinceMs: AT })).toBe('too_many')
      expect(await store.appeal(appealOf(4).decision)).toBeNull()
      expect(
        await store.fileAppeal(appealOf(4, { principal: 'pri_2' as PrincipalId }), { appeals: 3, sinceMs: AT }),
      ).toMatchObject({ filed: true })
    })

    test('candidates are what is not in the queue yet; a sample is of allowed ones with such ids', async () => {
      const rows = [10, 11, 12].map((n) =>
        spooled({ n, atMs: AT + n, action: n === 12 ? 'allow' : 'refuse', category: 'cyber' }),
      )
      await store.addReceipts(rows, { file: 'a', offset: 1 })
      const found = () => store.reviewCandidates(AT, 10, 'acted')
      expect((await found()).map(({ receipt }) => receipt.id)).toEqual([rows[0]!.head.id, rows[1]!.head.id])
      await store.addReviewItems([itemOf(10, { decision: rows[0]!.head.id })], [])
      expect((await found()).map(({ receipt }) => receipt.id)).toEqual([rows[1]!.head.id])
      const end = rows[2]!.head.id.slice(-2)
      expect(await store.reviewCandidates(AT, 10, { endings: [end] })).toHaveLength(1)
      expect(await store.reviewCandidates(AT, 10, { endings: ['zz'] })).toHaveLength(0)
      expect([
        await store.reviewPosition('p'),
        await store.setReviewPosition('p', 7),
        await store.reviewPosition('p'),
      ]).toEqual([0, undefined, 7])
    })

    test('an allowed exchange on which a second opinion was asked is a candidate of its own kind', async () => {
      const plain = spooled({ n: 15, atMs: AT + 900 })
      const line = plain.line.replace('"tier":"light"', '"tier":"second_opinion"')
      await store.addReceipts([{ ...plain, line }], { file: 'a', offset: 2 })
      const found = await store.reviewCandidates(AT, 10, 'opined')
      expect(found.map(({ receipt }) => receipt.id)).toEqual([plain.head.id])
    })

    test('the queue: the most pressing first, one holder at a time, an appeal raises', async () => {
      await store.addReviewItems([itemOf(20, { cluster: 'c' }), itemOf(21, { cluster: 'c' }), itemOf(22)], [])
      await store.addReviewItems([itemOf(20, { priority: 99 })], [])
      await store.addReviewItems([itemOf(22, { priority: 50, source: 'appealed' })], [])
      expect((await store.reviewItems({ state: 'open' }, 3)).map(({ id }) => id)).toEqual([
        'rev_22',
        'rev_21',
        'rev_20',
      ])
      expect(await store.reviewItem('rev_20')).toEqual(itemOf(20, { cluster: 'c' }))
      expect(await store.clusterSizes(['c', 'd'])).toEqual(new Map([['c', 2]]))
      expect((await store.nextReviewItem('aoki', false, AT))!.id).toBe('rev_22')
      const taken = await Promise.all(['aoki', 'chen'].map((by) => store.takeReviewItem('rev_22', by, AT, AT + 5)))
      expect(taken.filter(Boolean)).toHaveLength(1)
      const holder = taken[0] === true ? 'aoki' : 'chen'
      const other = taken[0] === true ? 'chen' : 'aoki'
      expect((await store.nextReviewItem(holder, false, AT))!.id).toBe('rev_22')
      expect((await store.nextReviewItem(other, false, AT))!.id).toBe('rev_21')
      expect((await store.nextReviewItem(other, false, AT + 5))!.id).toBe('rev_22')
      await store.releaseReviewItem('rev_22', other)
      expect((await store.reviewItem('rev_22'))!.lock!.by).toBe(holder)
      await store.releaseReviewItem('rev_22', holder)
      expect((await store.reviewItem('rev_22'))!.lock).toBeNull()
    })

    test('labels are written with where their items stand, revoked by person, source or one, and items open again', async () => {
      const done = { state: 'done', needs: 1, label: 'benign' } as const
      await store.addLabels(
        [labelOf(20), labelOf(21, { by: 'chen' })],
        [
          { id: 'rev_20', ...done },
          { id: 'rev_21', ...done },
        ],
      )
      expect((await store.reviewItems({ state: 'done' }, 9)).map(({ id }) => id)).toEqual(['rev_21', 'rev_20'])
      expect(await store.labelsOfItem('rev_20')).toEqual([labelOf(20)])
      expect(await store.labelCount('aoki')).toBe(1)
      expect((await store.labelsAfter('lab_001', 9)).map(({ id }) => id)).toEqual(['lab_020', 'lab_021'])
      expect(await store.revokeLabels({ by: 'chen' }, WHY)).toBe(1)
      expect(await store.revokeLabels({ by: 'chen' }, WHY)).toBe(0)
      expect(await store.label('lab_021')).toEqual(labelOf(21, { by: 'chen', revokedAtMs: AT, revokedBy: 'lead' }))
      expect(await store.reviewItem('rev_21')).toMatchObject({ state: 'open', label: null })
      expect(await store.revokeLabels({ id: 'lab_020' }, WHY)).toBe(1)
      expect((await store.labelsAfter('', 9)).map(({ id }) => id)).toEqual(['lab_001'])
      expect(await store.revokeLabels({ org: 'default' }, WHY)).toBe(1)
    })

    test('what people said is found by the time of the decision: one word each, revoked and hidden ones left out', async () => {
      const at = AT + 900_000
      const rows = [401, 402, 403, 404].map((n) => ({
        ...spooled({ n, atMs: at + n, would: 'refuse', action: 'flag' }),
        segment: 'legal' as const,
      }))
      await store.addReceipts(rows, { file: 'labels', offset: 1 })
      const [agreed, revoked, hidden, appealed] = rows.map(({ head }) => head.id)
      const item = itemOf(401, { decision: agreed!, atMs: at, needs: 2 })
      await store.addReviewItems([item], [])
      const of = (n: number, decision: typeof agreed, more: Partial<LabelRow> = {}) =>
        labelOf(n, { item: null, decision: decision!, atMs: at + n, by: 'labels', ...more })
      await store.addLabels(
        [
          ...[of(401, agreed, { item: item.id }), of(411, agreed, { item: item.id, label: 'harmful' })],
          ...[of(402, revoked), of(403, hidden, { golden: true })],
          ...[
            of(404, appealed, { label: 'unsure' }),
            of(414, appealed, { source: 'appeal', label: 'borderline-benign' }),
          ],
        ],
        [{ id: item.id, state: 'done', needs: 2, label: 'benign' }],
      )
      await store.revokeLabels({ id: of(402, revoked).id }, WHY)
      const found = await store.labelledDecisions(at, at + 1000)
      const shared = { org: 'default', surface: 'messages', segment: 'legal', would: 'refuse' }
      expect([...found].sort((a, b) => a.atMs - b.atMs)).toEqual([
        { ...shared, decision: agreed, atMs: at + 401, label: 'benign' },
        { ...shared, decision: appealed, atMs: at + 404, label: 'borderline-benign' },
      ])
      expect(await store.labelledDecisions(at, at + 401)).toEqual([])
      const days = await store.dayCounts(at, at + 1000, 'segment')
      expect(days).toMatchObject([{ name: 'legal', requests: 4, refused: 4 }])
    })

    test('what is revoked or set as a check is on record, with who and why; what changed nothing is not', async () => {
      const before = (await store.reviewActs(500)).length
      await store.addReviewItems([itemOf(501)], [])
      await store.addLabels([labelOf(501, { item: 'rev_501', by: 'habit' })], [])
      await store.revokeLabels({ by: 'habit' }, WHY)
      await store.revokeLabels({ by: 'habit' }, WHY)
      await store.setGolden('rev_501', 'benign', { ...WHY, reason: 'three of us agree' })
      await store.setGolden('rev_501', null, WHY)
      await store.setGolden('rev_none', null, WHY)
      const acts = await store.reviewActs(500)
      expect(acts.slice(0, acts.length - before)).toEqual([
        { ...WHY, act: 'golden_end', about: 'rev_501', rows: 1 },
        { ...WHY, act: 'golden', about: 'rev_501', rows: 1, reason: 'three of us agree' },
        { ...WHY, act: 'revoke', about: 'by:habit', rows: 1 },
      ])
    })

    test('golden items come among the blind ones, also when they are done, and never twice to one person', async () => {
      expect([
        await store.setGolden('rev_10', 'harmful', WHY),
        await store.setGolden('rev_none', 'harmful', WHY),
      ]).toEqual([true, false])
      const blind = async (by: string) => (await store.nextReviewItem(by, true, AT))?.id
      expect(await blind('aoki')).toBe('rev_10')
      expect((await store.nextReviewItem('aoki', false, AT))!.id).not.toBe('rev_10')
      const state = { id: 'rev_10', state: 'done', needs: 1, label: null } as const
      await store.addLabels([labelOf(10, { golden: true })], [state])
      expect(await blind('aoki')).not.toBe('rev_10')
      expect(await blind('chen')).toBe('rev_10')
    })

    test('bands find neighbours', async () => {
      const band = { band: '0:a', item: 'rev_20', cluster: 'rev_20', signature: [1, 2, 4_294_967_295] }
      await store.addReviewItems([], [band])
      expect(await store.reviewBands(['0:a', '0:b'])).toEqual([band])
      expect(await store.reviewBands([])).toEqual([])
      expect(await store.reviewCount()).toMatchObject({ oldestAtMs: AT + 20 })
    })
  })
}
