import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchEntries, batchPage, viewedBatch } from './batch-object.ts'
import { decodeBatch, keepItems } from './batch-request.ts'
import { erroredLine, readResult, resultWithoutSluice, succeededLine, withMessage } from './batch-result.ts'
import { readJson } from './json.ts'

const none = { ownSucceeded: 0, ownErrored: 0 }
const own = { ownSucceeded: 2, ownErrored: 1 }

describe('batch request', () => {
  test('items are cut out of the text, so that what is classified is what is forwarded', () => {
    const params = '{ "model":"m" , "x":1.0}'
    const document = readJson(`{"requests":[ {"params": ${params}\n, "custom_id":"\\u0061"} ]}`)
    expect(decodeBatch(document)).toEqual([{ customId: 'a', params: { value: { model: 'm', x: 1 }, text: params } }])
  })

  test('any choice of items keeps the bytes of each, and the rest of the body', () => {
    const item = fc.record({ content: fc.string(), blank: fc.constantFrom('', ' ', '\n') })
    fc.assert(
      fc.property(fc.array(fc.tuple(item, fc.constantFrom('same', 'gone', 'other')), { minLength: 1 }), (items) => {
        const raw = items.map(
          ([{ content, blank }], i) => `{"custom_id":"${i}",${blank}"params":${blank}{"c":${JSON.stringify(content)}}}`,
        )
        const document = readJson(`{"a":1.0,"requests":[${raw.join(' , ')}],"b":"\\u0061"}`)
        const kept = items.map(([, what]) =>
          what === 'gone' ? null : what === 'same' ? ('same' as const) : { params: '{"n":1.50}' },
        )
        const wanted = raw.flatMap((text, i) => {
          const what = kept[i]!
          if (what === null) return []
          return [what === 'same' ? text : `{"custom_id":"${i}","params":{"n":1.50}}`]
        })
        expect(keepItems(document, kept)).toBe(`{"a":1.0,"requests":[${wanted.join(',')}],"b":"\\u0061"}`)
      }),
    )
  })
})

describe('batch object', () => {
  const batch = (status: string, more = '') =>
    readJson(
      `{"id":"b","processing_status":"${status}","request_counts":{"processing":3,"succeeded":4,"errored":5},"results_url":"https://v/x","n":1.0${more}}`,
    )

  test('our items count as processing until the batch has ended, then as what they are', () => {
    const counts = (status: string) =>
      (JSON.parse(viewedBatch(batch(status), own, 'u')) as { request_counts: object }).request_counts
    for (const status of ['in_progress', 'canceling', 'a later word'])
      expect(counts(status)).toEqual({ processing: 6, succeeded: 4, errored: 5 })
    expect(counts('ended')).toEqual({ processing: 3, succeeded: 6, errored: 6 })
  })

  test('results are fetched here; where there are none yet, and nothing of ours, the bytes are the upstream’s', () => {
    expect(viewedBatch(batch('ended'), none, 'https://here/r')).toBe(
      batch('ended').text.replace('https://v/x', 'https://here/r'),
    )
    const open = '{"id":"b", "results_url":null, "request_counts":{"processing":1.0}}'
    expect(viewedBatch(readJson(open), none, 'u')).toBe(open)
    expect(viewedBatch(batch('ended', ',"sluice":{}'), none, 'https://v/x')).toBe(batch('ended').text)
  })

  test('pages are made of entries as they are', () => {
    const document = readJson('{"data":[ {"id":"a","n":1.0}, 7, {"id":"b"} ],"has_more":true}')
    const entries = batchEntries(document).map(({ id, document }) => ({ id, text: document.text }))
    expect(batchPage(entries, true, entries)).toBe(
      '{"data":[{"id":"a","n":1.0},{"id":"b"}],"has_more":true,"first_id":"a","last_id":"b"}',
    )
    expect(batchPage([], false, [])).toBe('{"data":[],"has_more":false,"first_id":null,"last_id":null}')
    expect(batchEntries(readJson('{"data":null}'))).toEqual([])
  })
})

describe('batch results', () => {
  const message = '{"content":[],"n":1.0}'
  const line = (text: string, more = '') =>
    `{"custom_id":"a","z":1.0,"result":{"type":"succeeded","message":${text},"y":2.0}${more}}`

  test('a message is exchanged without touching what stands around it', () => {
    const result = readResult(line(message))
    expect(result).toMatchObject({ customId: 'a', type: 'succeeded', message: { text: message } })
    expect(withMessage(result, '{"new":true}')).toBe(line('{"new":true}'))
  })

  test('an upstream does not speak in our name', () => {
    const forged = readResult(line('{"content":[],"sluice":{"v":1},"n":1.0}', ',"sluice":{}'))
    expect(resultWithoutSluice(forged)).toBe(line(message))
    expect(resultWithoutSluice(readResult(line(message)))).toBe(line(message))
    const ended = '{"custom_id":"a","result":{"type":"expired"}}'
    expect([readResult(ended).message, resultWithoutSluice(readResult(ended))]).toEqual([null, ended])
  })

  test('names of items are written as JSON', () => {
    const name = 'a"\n'
    expect(JSON.parse(succeededLine(name, '{}'))).toEqual({
      custom_id: name,
      result: { type: 'succeeded', message: {} },
    })
    expect(JSON.parse(erroredLine(name, '{}'))).toEqual({ custom_id: name, result: { type: 'errored', error: {} } })
    expect(readResult('{}')).toMatchObject({ customId: '', type: '', message: null })
  })
})
