export type Body = Record<string, unknown>

/** One place where text can stand in an answer: in the whole body, and in the events of a stream. */
export interface Cell {
  readonly whole: unknown
  readonly events: readonly (readonly [string, Body])[]
}

export const OUT = 'outrefuse'
export const CALM = 'calm words, nothing else. '.repeat(20)

const CHUNK = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'large' }
function choices(...all: Body[]): Cell {
  const ended = all.map((_, index) => ({ index, delta: {}, finish_reason: 'stop' }))
  const pieces = all.map((delta, index) => {
    const calls = (delta.tool_calls as Body[] | undefined)?.map((call, i) => ({ index: i, ...call }))
    return { index, delta: calls === undefined ? delta : { ...delta, tool_calls: calls }, finish_reason: null }
  })
  const completion = all.map((one, index) => ({
    index,
    finish_reason: 'stop',
    message: { role: 'assistant', content: null, ...one },
  }))
  return {
    whole: { id: 'c', object: 'chat.completion', created: 1, model: 'large', choices: completion, usage: {} },
    events: [...pieces, ...ended].map((choice) => ['', { ...CHUNK, choices: [choice] }] as const),
  }
}
function item(done: Body, added: Body, ...events: (readonly [string, Body])[]): Cell {
  const response = { id: 'r', object: 'response', created_at: 1, model: 'large', status: 'completed', output: [done] }
  return {
    whole: { ...response, usage: { input_tokens: 1, output_tokens: 1 } },
    events: [
      ['response.created', { response: { ...response, status: 'in_progress', output: [] } }],
      ['response.output_item.added', { output_index: 0, item: added }],
      ...events.map(([type, body]) => [type, { output_index: 0, ...body }] as const),
      ['response.output_item.done', { output_index: 0, item: done }],
      ['response.completed', { response }],
    ],
  }
}
const part = (type: string, said: Body) => ({ type, annotations: [], ...said })
const said = (type: 'output_text' | 'refusal', words: string) => {
  const key = type === 'refusal' ? 'refusal' : 'text'
  const at = { item_id: 'm', content_index: 0 }
  const base = { id: 'm', type: 'message', role: 'assistant' }
  return item(
    { ...base, status: 'completed', content: [part(type, { [key]: words })] },
    { ...base, status: 'in_progress', content: [] },
    ['response.content_part.added', { ...at, part: part(type, { [key]: '' }) }],
    [`response.${type}.delta`, { ...at, delta: words }],
    [`response.${type}.done`, { ...at, [key]: words }],
    ['response.content_part.done', { ...at, part: part(type, { [key]: words }) }],
  )
}

/** The same with further members on the first choice, or beside the choices. */
function beside(cell: Cell, choice: Body, completion: Body = {}): Cell {
  const within = (body: Body): Body => {
    const [first, ...rest] = body.choices as Body[]
    return { ...body, ...completion, choices: [{ ...first, ...choice }, ...rest] }
  }
  const [first, ...rest] = cell.events
  return { whole: within(cell.whole as Body), events: [[first![0], within(first![1])], ...rest] }
}
const calls = (call: Body) => choices({ tool_calls: [{ id: 't', type: 'function', ...call }] })
const SOURCE = { type: 'url_citation', url: 'https://x.example', title: OUT, start_index: 0, end_index: 1 }

export const CHAT_CELLS: Readonly<Record<string, Cell>> = {
  text: choices({ content: CALM + OUT }),
  'second choice': choices({ content: CALM }, { content: OUT }),
  refusal: choices({ refusal: OUT }),
  reasoning: choices({ reasoning_content: OUT }),
  'tool name': choices({ tool_calls: [{ id: 't', type: 'function', function: { name: OUT, arguments: '{}' } }] }),
  'tool arguments': choices({
    tool_calls: [{ id: 't', type: 'function', function: { name: 'n', arguments: `{"a":"${OUT}"}` } }],
  }),
  'unknown member': choices({ hologram: { deep: [OUT] } }),
  'content as a list': choices({ content: [{ type: 'text', text: `${CALM}${OUT}` }] }),
  'reasoning under a second name': choices({ reasoning_content: '', reasoning: OUT }),
  'reasoning as an object': choices({ reasoning: { text: OUT } }),
  'call of another type': calls({ type: 'future', future: { x: OUT } }),
  'arguments as an object': calls({ function: { name: 'n', arguments: { x: OUT } } }),
  'further member of a call': calls({ function: { name: 'n', arguments: '{}', note: OUT } }),
  sources: choices({ content: 'hi', annotations: [{ type: 'url_citation', url_citation: SOURCE }] }),
  'further member of a choice': beside(choices({ content: 'hi' }), { text: OUT }),
  'message in every chunk': {
    ...choices({ content: OUT }),
    events: ['outre', OUT, `${OUT} rest`].map((content) => [
      '',
      { ...CHUNK, choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: null }] },
    ]),
  },
  'beside the choices': beside(choices({ content: 'hi' }), {}, { search_results: [{ snippet: OUT }] }),
  'beside an error that is none': beside(choices({ content: `${CALM}${OUT}` }), {}, { error: null }),
  'beside an error': beside(choices({ content: OUT }), {}, { error: { message: 'x' } }),
  'after the end of its choice': {
    ...choices({ content: OUT }),
    events: [...choices({ content: 'hi' }).events, choices({ content: OUT }).events[0]!],
  },
}

const AT = { item_id: 'm', content_index: 0 }
const MESSAGE = { id: 'm', type: 'message', role: 'assistant' }
const OPEN = { ...MESSAGE, status: 'in_progress', content: [] as unknown[] }
const SAID = { ...MESSAGE, status: 'completed', content: [part('output_text', { text: CALM + OUT })] }
const CALL = {
  type: 'function_call',
  id: 'f',
  call_id: 'c',
  name: 'n',
  arguments: `{"a":"${OUT}"}`,
  status: 'completed',
}
const CALLING = { ...CALL, arguments: '', status: 'in_progress' }
function besideOutput(more: Body): Cell {
  const cell = item({ ...OPEN, status: 'completed' }, OPEN)
  const events = cell.events.map(([type, body]): readonly [string, Body] =>
    type === 'response.completed' ? [type, { response: { ...(body.response as Body), ...more } }] : [type, body],
  )
  return { whole: { ...(cell.whole as Body), ...more }, events }
}
/** Without the events at the end that say it all once more. */
const cut = (cell: Cell, last: number): Cell => ({ ...cell, events: cell.events.toSpliced(-1 - last, last) })
const ended = (cell: Cell): Cell => {
  const events = cell.events.map(([type, body]): readonly [string, Body] => {
    if (type !== 'response.completed') return [type, body]
    return [type, { response: { ...(body.response as Body), output: [] } }]
  })
  return { ...cell, events }
}

export const RESPONSES_CELLS: Readonly<Record<string, Cell>> = {
  text: said('output_text', CALM + OUT),
  refusal: said('refusal', OUT),
  'call name': item(
    { type: 'function_call', id: 'f', call_id: 'c', name: OUT, arguments: '{}', status: 'completed' },
    { type: 'function_call', id: 'f', call_id: 'c', name: OUT, arguments: '', status: 'in_progress' },
  ),
  'call arguments': item(
    { type: 'function_call', id: 'f', call_id: 'c', name: 'n', arguments: `{"a":"${OUT}"}`, status: 'completed' },
    { type: 'function_call', id: 'f', call_id: 'c', name: 'n', arguments: '', status: 'in_progress' },
    ['response.function_call_arguments.delta', { item_id: 'f', delta: `{"a":"${OUT}"}` }],
  ),
  reasoning: item(
    { type: 'reasoning', id: 'x', summary: [{ type: 'summary_text', text: OUT }] },
    { type: 'reasoning', id: 'x', summary: [] },
    ['response.reasoning_summary_text.delta', { item_id: 'x', summary_index: 0, delta: OUT }],
  ),
  'unknown item': item({ type: 'hologram', words: [OUT] }, { type: 'hologram' }),
  'content as a string': item({ ...SAID, content: CALM + OUT }, { ...OPEN, content: '' }),
  sources: item({ ...SAID, content: [part('output_text', { text: 'hi', annotations: [SOURCE] })] }, OPEN),
  'prompt of a picture': item(
    { type: 'image_generation_call', id: 'i', status: 'completed', revised_prompt: OUT, result: 'AAAA' },
    { type: 'image_generation_call', id: 'i', status: 'in_progress' },
  ),
  'another part of reasoning': item(
    { type: 'reasoning', id: 'x', summary: [{ type: 'other', words: OUT }] },
    { type: 'reasoning', id: 'x', summary: [] },
  ),
  'further member of a call': item({ ...CALL, arguments: '{}', namespace: OUT }, CALLING),
  'further member of a message': item({ ...SAID, content: [], note: OUT }, OPEN),
  'beside the output': besideOutput({ output_text: OUT }),
  'only in the item': ended(item(SAID, OPEN)),
  'only in the response': cut(item(SAID, OPEN), 1),
  'only in the whole text': ended(cut(item(SAID, OPEN, ['response.output_text.done', { ...AT, text: CALM + OUT }]), 1)),
  'only in the whole part': ended(
    cut(item(SAID, OPEN, ['response.content_part.done', { ...AT, part: SAID.content[0] }]), 1),
  ),
  'only in the part that begins': ended(
    cut(item(SAID, OPEN, ['response.content_part.added', { ...AT, part: SAID.content[0] }]), 1),
  ),
  'only in the item that begins': {
    ...ended(item(OPEN, { ...SAID, status: 'in_progress' })),
    whole: item(SAID, OPEN).whole,
  },
  'another text than its deltas': item(
    SAID,
    OPEN,
    ['response.content_part.added', { ...AT, part: part('output_text', { text: '' }) }],
    ['response.output_text.delta', { ...AT, delta: 'hi' }],
    ['response.output_text.done', { ...AT, text: `hi ${OUT}` }],
  ),
  'only in the whole arguments': ended(
    cut(item(CALL, CALLING, ['response.function_call_arguments.done', { item_id: 'f', arguments: CALL.arguments }]), 1),
  ),
  'only in the call that begins': { ...ended(item(CALLING, CALL)), whole: item(CALL, CALLING).whole },
}
