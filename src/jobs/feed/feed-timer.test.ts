import { expect, test } from 'vitest'
import { createFeedTimer, type FeedTimerPorts } from './feed-timer.ts'
import type { FeedAlarm } from './ports.ts'
import type { LevelSync } from './sync.ts'

const level = (more: Partial<LevelSync> = {}): LevelSync => ({
  ...{ level: 'clear', kind: 'unchanged', reason: null, size: 1, applied: 1, quarantined: [], pending: 0, fresh: true },
  ...more,
})

/** A timer that reads every 10 ms, until it was asked so often. */
async function rounds(n: number, ports: Partial<FeedTimerPorts>) {
  let done = 0
  const events: (readonly [string, string])[] = []
  let end = () => undefined as undefined
  const ended = new Promise<void>((resolve) => (end = () => resolve() as undefined))
  const timer = createFeedTimer({
    partners: async () => ['partner-a'],
    everyMs: 10,
    nowMs: () => 1000 + done,
    random: () => 0,
    report: (event, { outcome }) => void events.push([event, String(outcome)]),
    ...ports,
    async sync(name, once, signal) {
      if (++done > n) {
        end()
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cut'))))
      }
      return ports.sync!(name, once, signal)
    },
  })
  timer.start()
  await ended
  await timer.stop()
  return { reads: timer.reads(), events }
}

test('feed timer: failures are kept with the last good read; that it fails and is well again is told once', async () => {
  const outcomes = ['synced', 'unreachable', 'unreachable', 'refused', 'unchanged'] as const
  let i = 0
  const { reads, events } = await rounds(5, { sync: async () => [level({ kind: outcomes[i++]! })] })
  expect(reads).toMatchObject([
    { partner: 'partner-a', level: 'clear', kind: 'unchanged', failures: 3, goodAtMs: 1005 },
  ])
  expect(events).toEqual([
    ...[['feed.failing', 'unreachable'] as const, ['feed.failing', 'refused'] as const],
    ['feed.recovered', 'unchanged'],
  ])
})

test('feed timer: what throws is a finding of that partner alone, and the next one is read', async () => {
  const sync = async (name: string) => {
    if (name === 'partner-a') throw Object.assign(new Error('text of it'), { code: 'store_down' })
    return [level()]
  }
  const { reads, events } = await rounds(2, { partners: async () => ['partner-a', 'partner-b'], sync })
  expect(reads.map(({ partner, kind, reason, fresh }) => [partner, kind, reason, fresh])).toEqual([
    ['partner-a', 'failed', 'store_down', false],
    ['partner-b', 'unchanged', null, true],
  ])
  expect(events).toEqual([['feed.failing', 'failed']])
  let i = 0
  const again = await rounds(2, { sync: async () => (i++ === 0 ? Promise.reject(new Error()) : [level()]) })
  expect(again.events).toEqual([
    ['feed.failing', 'failed'],
    ['feed.recovered', 'unchanged'],
  ])
  expect(again.reads.map((read) => read.level)).toEqual(['clear'])
})

test('feed timer: an alarm that goes on is in the record once, and again after it had ended', async () => {
  const alarms: FeedAlarm[] = []
  const fresh = [false, false, true, false]
  let i = 0
  await rounds(4, {
    async sync(partner, once) {
      const now = fresh[i++]!
      const record = once({ receipt: async () => undefined, alarm: async (one) => void alarms.push(one) })
      if (!now) await record.alarm({ partner, level: 'clear', code: 'stale', detail: 'no quorum saw it lately' })
      return [level({ fresh: now })]
    },
  })
  expect(alarms).toHaveLength(2)
})

test('feed timer: with 0 it is off, and where nobody is pinned it asks nobody', async () => {
  let asked = 0
  const ports: FeedTimerPorts = {
    ...{ everyMs: 0, nowMs: () => 0, random: () => 0, report: () => undefined },
    async partners() {
      asked++
      return []
    },
    sync: () => Promise.reject(new Error('nobody is pinned')),
  }
  const off = createFeedTimer(ports)
  off.start()
  await new Promise((resolve) => setTimeout(resolve, 30))
  await off.stop()
  expect(asked).toBe(0)
  const alone = createFeedTimer({ ...ports, everyMs: 5 })
  alone.start()
  await new Promise((resolve) => setTimeout(resolve, 60))
  await alone.stop()
  const before = asked
  expect([before > 1, alone.reads()]).toEqual([true, []])
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(asked).toBe(before)
})

test('feed timer: partners are not all asked at the same moment: the interval is kept to a tenth', async () => {
  const at: number[] = []
  let r = 0
  await rounds(3, {
    everyMs: 100,
    random: () => [0, 0, 0.999, 0.999][r++] ?? 0,
    async sync() {
      at.push(performance.now())
      return [level()]
    },
  })
  const gaps = at.slice(1).map((one, i) => one - at[i]!)
  expect(gaps[0]).toBeGreaterThanOrEqual(85)
  expect(gaps[1]).toBeGreaterThanOrEqual(105)
})
