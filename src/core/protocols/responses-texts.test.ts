import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openaiResponses } from './openai-responses.ts'
import { ReadTexts } from './read-texts.ts'

const WORDS = ['alpha', 'beta', 'gamma', 'delta']
const text = WORDS.join(' ')
const args = JSON.stringify({ a: 'epsilon' })
const at = { output_index: 0, item_id: 'm', content_index: 0 }
const part = { type: 'output_text', text, annotations: [{ type: 'url_citation', title: 'zeta', url: 'u' }] }
const said = { id: 'm', type: 'message', role: 'assistant', status: 'completed', content: [part] }
const called = { id: 'f', type: 'function_call', call_id: 'c', name: 'eta', arguments: args }
const response = { id: 'r', object: 'response', model: 'm', output: [said, called] }
/** Every text in pieces, and again with its part, its item and the response. */
const golden = [
  { type: 'response.created', response: { ...response, output: [], instructions: 'theta' } },
  { type: 'response.output_item.added', output_index: 0, item: { ...said, content: [] } },
  { type: 'response.content_part.added', ...at, part: { ...part, text: '', annotations: [] } },
  ...WORDS.map((word, i) => ({ type: 'response.output_text.delta', ...at, delta: i === 0 ? word : ` ${word}` })),
  { type: 'response.output_text.annotation.added', ...at, annotation_index: 0, annotation: part.annotations[0] },
  { type: 'response.output_text.done', ...at, text },
  { type: 'response.content_part.done', ...at, part },
  { type: 'response.output_item.done', output_index: 0, item: said },
  { type: 'response.output_item.added', output_index: 1, item: { ...called, arguments: '' } },
  { type: 'response.function_call_arguments.delta', output_index: 1, item_id: 'f', delta: args.slice(0, 7) },
  { type: 'response.function_call_arguments.delta', output_index: 1, item_id: 'f', delta: args.slice(7) },
  { type: 'response.function_call_arguments.done', output_index: 1, item_id: 'f', name: 'eta', arguments: args },
  { type: 'response.output_item.done', output_index: 1, item: called },
  { type: 'response.completed', response },
]

function read(events: readonly object[]): string {
  const reader = openaiResponses.openStream()
  const said = new Map<string, string>()
  for (const event of events)
    for (const one of reader.read({ event: '', data: JSON.stringify(event) }).texts)
      said.set(one.channel, (said.get(one.channel) ?? '') + one.text)
  return [...said.values()].join('')
}

test('responses: what every event repeats is read once', () => {
  const once = read(golden)
  for (const word of [...WORDS, 'epsilon', 'zeta', 'eta\n']) expect(once.split(word).length).toBeGreaterThan(1)
  for (const word of ['alpha', 'gamma', 'epsilon', 'zeta', 'read']) expect(once.split(word).length).toBeLessThan(3)
  expect(once).not.toContain('theta')
})

test('responses: whichever events are missing, every word that the others show is read', () => {
  fc.assert(
    fc.property(fc.subarray(golden), (events) => {
      const shown = JSON.stringify(events).replaceAll('theta', '')
      const seen = read(events)
      // The type of an event is no word of it.
      for (const word of [...WORDS, 'epsilon', 'zeta'])
        if (
          shown
            .replaceAll(/"type":"[^"]*"/g, '')
            .replaceAll('"delta":', '')
            .includes(word)
        )
          expect(seen).toContain(word)
    }),
  )
})

test('responses: a text that says something else than its pieces is read as it stands', () => {
  const pieces = golden.slice(0, 7)
  const other = { type: 'response.output_text.done', ...at, text: 'iota alpha' }
  expect(read([...pieces, other])).toBe(`${text}\niota alpha`)
  const longer = { type: 'response.output_text.done', ...at, text: `${text} kappa` }
  expect(read([...pieces, longer])).toBe(`${text} kappa`)
})

test('read texts: of any texts at one place, what the last one shows was read', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ab]{0,6}$/)), (wholes) => {
      const texts = new ReadTexts()
      let all = ''
      for (const whole of wholes) {
        const beyond = texts.beyond('x', whole)
        if (beyond !== null) all += beyond.goesOn ? beyond.text : `|${beyond.text}`
        expect(all).toContain(whole)
      }
    }),
  )
})
