import { describe, expect, test } from 'vitest'
import type { OrgId } from '../../core/base/ids.ts'
import { createOwners } from './owners.ts'

const [ACME, OTHER] = ['acme', 'other'] as [OrgId, OrgId]
const NEVER = new AbortController().signal

/** What several processes share, and how often it was asked. */
function aStore() {
  const kept = new Map<string, OrgId>()
  const asked: (readonly string[])[] = []
  const reports: string[] = []
  const store = { down: false }
  const open = (waitMs = 150) =>
    createOwners({
      async keptOf(org, ids) {
        asked.push(ids)
        if (store.down) throw Object.assign(new Error('down'), { code: 'store_unavailable' })
        return ids.filter((id) => kept.get(id) === org)
      },
      async claimKept(org, ids) {
        if (store.down) throw Object.assign(new Error('down'), { code: 'store_unavailable' })
        for (const id of ids) if (!kept.has(id)) kept.set(id, org)
      },
      report: (event) => reports.push(event),
      waitMs,
    })
  return { kept, asked, reports, store, open }
}

describe('owners', () => {
  test('what was given here is known at once, and nobody is asked', async () => {
    const { asked, open } = aStore()
    const owners = open()
    owners.claim(ACME, ['resp_1', 'rs_1'])
    expect(await owners.owns(ACME, ['resp_1', 'rs_1'], NEVER)).toBe(true)
    expect(await owners.owns(ACME, [], NEVER)).toBe(true)
    expect(asked).toEqual([])
  })

  test('who was given it first keeps it', async () => {
    const owners = aStore().open()
    owners.claim(ACME, ['resp_1'])
    owners.claim(OTHER, ['resp_1'])
    expect(await owners.owns(OTHER, ['resp_1'], NEVER)).toBe(false)
    expect(await owners.owns(ACME, ['resp_1'], NEVER)).toBe(true)
  })

  test('one of another’s and one that is not there: the same questions, as often, and the same wait', async () => {
    const { asked, kept, open } = aStore()
    kept.set('stored', ACME)
    const seen: [number, number][] = []
    for (const id of ['here', 'stored', 'nowhere']) {
      const owners = open()
      owners.claim(ACME, ['here'])
      asked.length = 0
      const since = performance.now()
      expect(await owners.owns(OTHER, [id], NEVER)).toBe(false)
      seen.push([asked.length, performance.now() - since])
      expect(new Set(asked.flat())).toEqual(new Set([id]))
    }
    // A loaded machine may fit one round more or less into the same time.
    expect(Math.max(...seen.map(([n]) => n)) - Math.min(...seen.map(([n]) => n))).toBeLessThanOrEqual(1)
    for (const [, ms] of seen) expect(ms).toBeGreaterThanOrEqual(149)
  })

  test('what another process tells is found while it is waited for, and remembered', async () => {
    const { asked, kept, open } = aStore()
    const [one, two] = [open(), open(5_000)]
    const found = two.owns(ACME, ['resp_1', 'resp_2'], NEVER)
    one.tell(ACME, ['resp_1'])
    one.tell(ACME, ['resp_2'])
    one.tell(OTHER, ['resp_3'])
    expect(await one.owns(ACME, ['resp_1'], NEVER)).toBe(true)
    expect(await found).toBe(true)
    expect([...kept]).toEqual([
      ['resp_1', ACME],
      ['resp_2', ACME],
      ['resp_3', OTHER],
    ])
    asked.length = 0
    expect(await two.owns(ACME, ['resp_2'], NEVER)).toBe(true)
    expect(asked).toEqual([])
    expect(await two.among(OTHER, ['resp_1', 'resp_3'])).toEqual(new Set(['resp_3']))
  })

  test('nobody waits for a caller that is gone; a store that is down is no owner, and what could not be told is reported', async () => {
    const { reports, store, open } = aStore()
    const owners = open(60_000)
    const gone = new AbortController()
    const answer = owners.owns(ACME, ['resp_1'], gone.signal)
    gone.abort()
    expect(await answer).toBe(false)
    store.down = true
    await expect(owners.owns(ACME, ['resp_1'], NEVER)).rejects.toThrow('down')
    owners.tell(ACME, ['resp_2'])
    await owners.flush()
    expect(reports).toEqual(['owners.not_told'])
    expect(await owners.owns(ACME, ['resp_2'], NEVER)).toBe(true)
  })

  test('what a process remembers is bounded; what was dropped is found in the store', async () => {
    const { asked, kept, open } = aStore()
    const owners = open()
    for (let i = 0; i < 100; i++)
      owners.claim(
        ACME,
        Array.from({ length: 1_001 }, (_, j) => `id_${i}_${j}`),
      )
    kept.set('id_0_0', ACME)
    expect(await owners.owns(ACME, ['id_99_1000'], NEVER)).toBe(true)
    expect(asked).toEqual([])
    expect(await owners.owns(ACME, ['id_0_0'], NEVER)).toBe(true)
    expect(asked).toEqual([['id_0_0']])
  })
})
