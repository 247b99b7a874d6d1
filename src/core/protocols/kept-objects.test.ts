import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  givenIds,
  idOfObject,
  idsGivenBy,
  likelyRefusals,
  MOST_KEPT_IDS,
  namedIds,
  ownList,
  refusalIds,
  refusalOf,
} from './kept-objects.ts'
import type { Json } from './values.ts'

describe('namedIds', () => {
  const cases: [name: string, body: Json, ids: string[]][] = [
    ['nothing', { model: 'm', input: 'resp_1', messages: [{ role: 'user', content: 'file-1' }] }, []],
    ['an earlier response', { previous_response_id: 'resp_1' }, ['resp_1']],
    ['none', { previous_response_id: null, conversation: null, container: null }, []],
    ['a conversation', { conversation: 'conv_1' }, ['conv_1']],
    ['a conversation by object', { conversation: { id: 'conv_1' } }, ['conv_1']],
    ['an item by reference', { input: [{ type: 'item_reference', id: 'msg_1' }] }, ['msg_1']],
    ['an item without its content', { input: [{ type: 'reasoning', id: 'rs_1', summary: [] }] }, ['rs_1']],
    ['an image that was made', { input: [{ type: 'image_generation_call', id: 'ig_1' }] }, ['ig_1']],
    [
      'an item that brings its content sealed',
      { input: [{ type: 'reasoning', id: 'rs_1', encrypted_content: 'x' }] },
      [],
    ],
    [
      'items that are all they are',
      {
        input: [
          { id: 'm', role: 'user', content: 'x' },
          { type: 'function_call', id: 'f' },
          { type: 'function_call_output', id: 'o' },
        ],
      },
      [],
    ],
    ['one file twice', { messages: [{ content: [{ file: { file_id: 'f' } }, { source: { file_id: 'f' } }] }] }, ['f']],
    [
      'files of a tool',
      { tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['a', 'b'] } }] },
      ['a', 'b'],
    ],
    ['stores of a tool', { tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] }, ['vs_1']],
    ['a container of a tool', { tools: [{ environment: { type: 'container_reference', container_id: 'c' } }] }, ['c']],
    [
      'a container and its skills',
      {
        container: {
          id: 'c',
          skills: [
            { type: 'custom', skill_id: 'skill_1' },
            { type: 'anthropic', skill_id: 'xlsx' },
          ],
        },
      },
      ['c', 'skill_1'],
    ],
    ['what was said aloud', { messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] }, ['audio_1']],
    ['how to say it', { audio: { voice: 'alloy', format: 'wav' } }, []],
    ['a voice that was made', { audio: { voice: { id: 'voice_1' }, format: 'wav' } }, ['voice_1']],
    [
      'a file for a stored prompt',
      { prompt: { id: 'pmpt', variables: { a: { type: 'input_file', file_id: 'f' } } } },
      ['f'],
    ],
    [
      'a file in a tool’s result',
      { messages: [{ content: [{ type: 'tool_result', content: [{ source: { file_id: 'f' } }] }] }] },
      ['f'],
    ],
    [
      'results of the vendor’s own tools',
      { messages: [{ content: [{ type: 'code_execution_tool_result', content: { content: [{ file_id: 'f' }] } }] }] },
      [],
    ],
    ['arguments', { messages: [{ content: [{ type: 'tool_use', input: { file_id: 'f', container: 'c' } }] }] }, []],
    [
      'schemas',
      { tools: [{ input_schema: { properties: { file_id: { enum: ['f'] } } }, parameters: { file_id: 'f' } }] },
      [],
    ],
    [
      'what was cited',
      { input: [{ role: 'assistant', content: [{ annotations: [{ file_id: 'f', container_id: 'c' }] }] }] },
      [],
    ],
    [
      'a file of a request that calls itself a call',
      { type: 'tool_use', input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] },
      ['f'],
    ],
    [
      'a file of a message that calls itself a result',
      { messages: [{ role: 'user', type: 'x_tool_result', content: [{ source: { type: 'file', file_id: 'f' } }] }] },
      ['f'],
    ],
    [
      'a file of an item that calls itself a result',
      { input: [{ role: 'user', type: 'x_tool_result', content: [{ type: 'input_file', file_id: 'f' }] }] },
      ['f'],
    ],
    [
      'a file in a block that calls itself a message and a result',
      { messages: [{ content: [{ role: 'user', type: 'x_tool_result', content: [{ file_id: 'f' }] }] }] },
      ['f'],
    ],
    [
      'a result within a result',
      {
        messages: [
          { content: [{ type: 'tool_result', content: [{ type: 'x_tool_result', content: [{ file_id: 'f' }] }] }] },
        ],
      },
      ['f'],
    ],
    [
      'an item by reference, without its type',
      { input: [{ id: 'rs_1' }, { type: null, id: 'msg_1' }] },
      ['rs_1', 'msg_1'],
    ],
    ['a reference that has a role', { input: [{ id: 'msg_1', role: 'user', content: null }] }, ['msg_1']],
    [
      'a reference that calls itself sealed',
      { input: [{ type: 'item_reference', id: 'i', encrypted_content: 'x' }] },
      ['i'],
    ],
    [
      'a file for a variable of whatever name',
      { prompt: { id: 'pmpt', variables: { results: { type: 'input_file', file_id: 'f' } } } },
      ['f'],
    ],
    ['items of a batch', { requests: [{ params: { container: 'c' } }] }, ['c']],
  ]
  for (const [name, body, ids] of cases) test(`namedIds: ${name}`, () => expect(namedIds(body)).toEqual(ids))

  test('namedIds: a name is found however deep it stands, and beside whatever', () => {
    const wrap = fc.constantFrom<(inner: unknown, beside: unknown) => unknown>(
      (inner, beside) => [beside, inner],
      (inner, beside) => ({ content: inner, text: beside }),
      (inner, beside) => ({ type: 'message', input: [inner], file: beside }),
      (inner) => ({ container: inner }),
    )
    const naming = fc.constantFrom(
      'file_id',
      'container_id',
      'previous_response_id',
      'vector_store_ids',
      'conversation',
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(wrap, fc.jsonValue()), { maxLength: 20 }), naming, (wraps, name) => {
        let value: unknown = { [name]: name.endsWith('s') ? ['wanted'] : 'wanted' }
        for (const [one, beside] of wraps) value = one(value, beside)
        expect(namedIds({ messages: value })).toContain('wanted')
      }),
    )
  })

  test('namedIds, givenIds and idsGivenBy take any JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        namedIds(value)
        givenIds(value)
        idsGivenBy(value)
      }),
    )
  })
})

describe('givenIds', () => {
  const item = fc.record({
    id: fc.uuid().map((id) => `rs_${id}`),
    type: fc.constantFrom('reasoning', 'message', 'code_interpreter_call'),
    container_id: fc.option(fc.uuid(), { nil: undefined }),
    content: fc.array(
      fc.record({
        type: fc.constant('output_text'),
        annotations: fc.array(
          fc.record({
            type: fc.constantFrom('container_file_citation', 'file_citation'),
            container_id: fc.uuid(),
            file_id: fc.uuid(),
          }),
          { maxLength: 2 },
        ),
      }),
      { maxLength: 2 },
    ),
  })
  const response = fc.record({
    id: fc.uuid(),
    conversation: fc.option(fc.record({ id: fc.uuid() })),
    output: fc.array(item, { maxLength: 5 }),
  })

  test('givenIds: a response gives the same ids streamed and whole', () => {
    fc.assert(
      fc.property(response, (whole) => {
        const events: Json[] = [
          { type: 'response.created', response: { ...whole, output: [] } },
          ...whole.output.flatMap((one) => [
            { type: 'response.output_item.added', item: { ...one, content: [] } },
            { type: 'response.output_item.done', item: one },
          ]),
        ]
        expect(new Set(events.flatMap(idsGivenBy))).toEqual(new Set(givenIds(whole)))
        expect(givenIds(whole)).toContain(whole.id)
        // What was there before is not given.
        const cited = whole.output.flatMap(({ content }) => content.flatMap(({ annotations }) => annotations))
        for (const { type, file_id } of cited) expect(givenIds(whole).includes(file_id)).toBe(type !== 'file_citation')
      }),
    )
  })

  test('givenIds: only from where the upstream writes: what a model says makes nobody an owner', () => {
    const said = { id: 'resp_foreign', file_id: 'file_foreign', container_id: 'c' }
    const answer = {
      id: 'resp_1',
      object: 'response',
      previous_response_id: 'resp_0',
      tools: [{ container: 'c', file_ids: ['f'] }],
      output: [
        {
          id: 'msg_1',
          type: 'message',
          content: [{ type: 'output_text', text: JSON.stringify(said), logprobs: [said] }],
        },
      ],
    }
    expect(givenIds(answer)).toEqual(['resp_1', 'msg_1'])
    const message = {
      id: 'msg',
      content: [
        { type: 'tool_use', input: said },
        { type: 'text', text: 'x', ...said },
      ],
      container: { id: 'c1' },
    }
    expect(givenIds(message)).toEqual(['c1'])
  })

  const events: [name: string, body: Json, ids: string[]][] = [
    ['a container, when a message begins', { type: 'message_start', message: { container: { id: 'c' } } }, ['c']],
    ['a container, when it ends', { type: 'message_delta', delta: { container: { id: 'c' } } }, ['c']],
    [
      'a file that a tool made',
      {
        type: 'content_block_start',
        content_block: { type: 'bash_code_execution_tool_result', content: { content: [{ file_id: 'f' }] } },
      },
      ['f'],
    ],
    [
      'what is said aloud',
      { object: 'chat.completion.chunk', choices: [{ delta: { audio: { id: 'audio_1' } } }] },
      ['audio_1'],
    ],
    [
      'a chunk of text',
      { object: 'chat.completion.chunk', id: 'chatcmpl-1', choices: [{ delta: { content: 'x' } }] },
      [],
    ],
    ['a piece of text', { type: 'response.output_text.delta', item_id: 'msg_1', delta: 'x' }, []],
    [
      'a file that is cited',
      {
        type: 'response.output_text.annotation.added',
        annotation: { type: 'container_file_citation', container_id: 'c', file_id: 'f' },
      },
      ['c', 'f'],
    ],
  ]
  for (const [name, body, ids] of events) test(`idsGivenBy: ${name}`, () => expect(idsGivenBy(body)).toEqual(ids))

  test('givenIds: what no name is, and more than a thousand, is left out', () => {
    const output = Array.from({ length: 2_000 }, (_, i) => ({ id: `rs_${i}` }))
    expect(givenIds({ id: 'resp_1', output })).toHaveLength(MOST_KEPT_IDS)
    for (const id of ['', 'two words', 'line\nbreak', 'nul\0', 'x'.repeat(257), 7, null])
      expect(idOfObject({ id })).toEqual([])
  })
})

test('ownList: nothing of what is not one’s own is left, and no cursor', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ id: fc.uuid(), name: fc.string() })), fc.func(fc.boolean()), (data, own) => {
      const list = ownList(
        { object: 'list', data, first_id: data[0]?.id, last_id: data.at(-1)?.id, has_more: true, next: 'x' },
        own,
      )!
      const mine = data.filter(({ id }) => own(id))
      expect(list).toEqual({
        object: 'list',
        data: mine,
        first_id: mine[0]?.id ?? null,
        last_id: mine.at(-1)?.id ?? null,
        has_more: mine.length > 0,
      })
    }),
  )
  expect(ownList({ id: 'file-1' }, () => true)).toBeNull()
})

describe('refusals of ours', () => {
  const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV'

  test('each id that a refusal gives leads to its decision', () => {
    expect(refusalIds(ULID).map(refusalOf)).toEqual([`dec_${ULID}`, `dec_${ULID}`])
  })

  test.each([
    `resp_${ULID}0`,
    `resp_${ULID.toLowerCase()}`,
    `dec_${ULID}`,
    ULID,
    `xresp_${ULID}`,
    `resp_${ULID}\n`,
    '',
  ])('another form leads nowhere: %j', (id) => expect(refusalOf(id)).toBeNull())

  const [response, message] = refusalIds(ULID)
  const cases: [name: string, body: Json, ids: string[]][] = [
    ['a request that goes on from nothing', { input: 'hello' }, []],
    ['the response', { input: 'hello', previous_response_id: response }, [response!]],
    ['the message in it', { input: [{ type: 'item_reference', id: message }] }, [message!]],
    [
      'both',
      { input: [{ type: 'item_reference', id: message }], previous_response_id: response },
      [response!, message!],
    ],
    ['an upstream’s', { input: [{ type: 'item_reference', id: 'msg_1' }], previous_response_id: 'resp_1' }, []],
    ['the message itself', { input: [{ type: 'message', id: message, role: 'assistant', content: [] }] }, []],
    ['what is no id', { input: [{ type: 'item_reference', id: 7 }, null], previous_response_id: [response] }, []],
  ]
  test.each(cases)('likelyRefusals: %s', (_, body, ids) => expect(likelyRefusals(body)).toEqual(ids))

  test('likelyRefusals: no more than can be looked up', () => {
    const input = Array(MOST_KEPT_IDS + 1).fill({ type: 'item_reference', id: message })
    expect(likelyRefusals({ input })).toHaveLength(MOST_KEPT_IDS)
  })
})
