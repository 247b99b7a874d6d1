import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aJailbreakRecord } from '../../../../test/fakes/a-jailbreak-record.ts'
import { ExportError, toAvid } from './avid.ts'
import { referencesOfOsv, toOsv } from './osv.ts'

test('OSV: nothing is lost, and what bends the format is said', () => {
  const record = aJailbreakRecord({
    related: [
      { type: 'atlas', id: 'AML.T0054' },
      { type: 'url', id: 'https://a.example/b' },
    ],
  })
  const { document, lost, bends } = toOsv(record)
  expect(document.database_specific.sluice).toBe(record)
  expect([lost, bends.length]).toEqual([[], 2])
  expect(document).toMatchObject({
    ...{ id: 'JRX-2026-000017', related: ['AML.T0054'], references: [{ type: 'WEB', url: 'https://a.example/b' }] },
    affected: [{ package: { name: 'vendor-x/model-f@5' }, ranges: [{ events: [{ introduced: 'cyber-2026.06.09' }] }] }],
  })
  expect('withdrawn' in document).toBe(false)
  expect(referencesOfOsv(document).related).toEqual([{ type: 'atlas', id: 'AML.T0054' }])
})

test('AVID: CLEAR records only; what it has no member for is named', () => {
  const { document, lost } = toAvid(aJailbreakRecord())
  expect(document.metrics[0]!.features).toMatchObject({ score: 1.3, interval: [0, 1.4], band: 'Low' })
  expect(document).toMatchObject({
    data_type: 'AVID',
    reported_date: '2026-06-13',
    affects: { developer: ['vendor-x'] },
  })
  expect(lost).toEqual(expect.arrayContaining(['summary.ja', 'disclosure', 'affected.safeguard', 'artefacts']))
  for (const tlp of ['GREEN', 'AMBER', 'RED'] as const)
    expect(() => toAvid(aJailbreakRecord({ tlp }))).toThrow(ExportError)
  const withdrawn = { at: '2026-06-14T00:00:00Z', reason: 'wrong' }
  expect(() => toAvid(aJailbreakRecord({ withdrawn }))).toThrow('withdrawn')
})

test('OSV in: ids are known by how they are written; of the rest only what it was is said', () => {
  const osv = {
    aliases: ['AVID-2026-R0001', 'GHSA-xxxx', 'partner-b/JRX-2026-000001'],
    related: ['https://a.example/', 7, null],
  }
  expect(referencesOfOsv(osv)).toEqual({
    aliases: [
      { type: 'avid', id: 'AVID-2026-R0001' },
      { type: 'jrx', id: 'partner-b/JRX-2026-000001' },
    ],
    related: [{ type: 'url', id: 'https://a.example/' }],
    unknown: ['GHSA-xxxx'],
  })
  fc.assert(fc.property(fc.jsonValue(), (value) => void referencesOfOsv(value)))
})
