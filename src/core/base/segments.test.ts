import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SEGMENTS, type SegmentRule, segmentOf } from './segments.ts'

const facts = { org: 'acme', surface: 'messages', requestedModel: 'big-2' }
const rule = (more: Partial<SegmentRule>): SegmentRule => ({
  ...{ segment: 'coding', org: null, surface: null, model: null },
  ...more,
})

test('segment: the key’s setting comes first, then the first rule that holds, then other', () => {
  const rules = [rule({ org: 'elsewhere', segment: 'legal' }), rule({ model: 'big', segment: 'debugging' }), rule({})]
  expect(segmentOf({ ...facts, segment: 'medical' }, rules)).toBe('medical')
  expect(segmentOf(facts, rules)).toBe('debugging')
  expect(segmentOf({ ...facts, requestedModel: 'small' }, rules)).toBe('coding')
  expect(segmentOf({ ...facts, topic: 'legal' }, rules)).toBe('debugging')
  expect(segmentOf({ ...facts, topic: 'legal' }, [])).toBe('legal')
  expect(segmentOf(facts, [])).toBe('other')
})

test('segment: every member of a rule must hold, and what comes out is in the list', () => {
  const name = fc.constantFrom('a', 'ab', 'b')
  const members = fc.record({ org: fc.option(name), surface: fc.option(name), model: fc.option(name) })
  fc.assert(
    fc.property(name, name, name, members, (org, surface, requestedModel, one) => {
      const holds =
        (one.org ?? org) === org && (one.surface ?? surface) === surface && requestedModel.startsWith(one.model ?? '')
      const found = segmentOf({ org, surface, requestedModel }, [rule(one)])
      expect(SEGMENTS).toContain(found)
      expect(found).toBe(holds ? 'coding' : 'other')
    }),
  )
})
