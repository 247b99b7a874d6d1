import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Configured, startConfigured } from './parts/configured.ts'
import { example, exemptionOf, exemptions, fenceOf, fences, fixture, sampleOf, spec } from './wire/examples.ts'
import { eventData, type Fence, type Json, readFences, withoutSluice } from './wire/fences.ts'
import { normalEvents } from './wire/normal.ts'
import { type Recipe, recipes, SETTINGS, UNSERVED } from './wire/served.ts'
import { type Shelf, startShelf } from './wire/shelf.ts'
import { type Sample, TYPES, typeFaults } from './wire/types.ts'

/**
 * The examples of the wire: each has the type it names, and the program says it. What the official clients make of them
 * is in wire/client-table.test.ts.
 */
const samplesOf = (some: readonly Fence[]): Sample[] =>
  some.flatMap(({ name, type, values }) =>
    values.map((value, i) => ({ name: `${name}, value ${i}`, type, value: withoutSluice(value) })),
  )

describe('GW-2: the examples have the types they name', () => {
  const samples = samplesOf(fences)

  test('GW-2: there are examples of every type, and the fixture has those of the specification', () => {
    expect(new Set(fences.map(({ type }) => type))).toEqual(new Set(Object.keys(TYPES)))
    if (spec !== undefined) expect(readFences(fixture)).toEqual(fences)
  })

  test('GW-2: every value type-checks against the installed packages', () => {
    expect(typeFaults(samples.map(sampleOf), 'examples')).toEqual([])
  })

  test('GW-2: what is exempted differs in exactly the way that is written down, and nothing is exempted in vain', () => {
    const outside = samples.filter((sample) => exemptionOf(sample) !== undefined)
    const faults = typeFaults(outside, 'exempted')
    expect(faults.map(({ sample }) => sample)).toEqual(outside.map(({ name }) => name))
    for (const [i, { error, text }] of faults.entries()) {
      const exemption = exemptionOf(outside[i]!)!
      expect(error).toBe(exemption.error)
      expect(text).toContain(exemption.text)
    }
    expect(new Set(outside.map(exemptionOf))).toEqual(new Set(exemptions))
  })

  test('GW-2: the check is one that sees: a value without its first member, or with one too many, is a fault', () => {
    const wrong = samples.flatMap((sample) => {
      const [, ...members] = Object.entries(sample.value as Json)
      return [
        { ...sample, name: `${sample.name}, less`, value: Object.fromEntries(members) },
        { ...sample, name: `${sample.name}, more`, value: { ...(sample.value as Json), sluice_more: 1 } },
      ]
    })
    const seen = new Set(typeFaults(wrong, 'wrong').map(({ sample }) => sample))
    expect(wrong.filter(({ name }) => !seen.has(name))).toEqual([])
  })
})

let shelf: Shelf
beforeAll(async () => {
  shelf = await startShelf()
})
afterAll(() => shelf.close())

describe('GW-2: the program says the examples', () => {
  let sluice: Configured
  beforeAll(async () => {
    const env = { ANTHROPIC_UPSTREAM_URL: shelf.url, OPENAI_UPSTREAM_URL: shelf.url }
    sluice = await startConfigured(SETTINGS, { env })
  })
  afterAll(() => sluice.stop())

  const all = recipes(example)
  const served: Sample[] = []

  async function send({ path, headers }: Recipe, body: Json | undefined) {
    const response = await fetch(sluice.facts.gatewayUrl + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': 'sk-test',
        'anthropic-version': '2023-06-01',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, text: await response.text() }
  }

  async function answerOf(recipe: Recipe, fence: Fence): Promise<readonly Json[]> {
    shelf.serveByModel(recipe.upstream ?? { '*': fence.text, [String(recipe.body?.model)]: fence.text, '': fence.text })
    let body = recipe.body
    if (recipe.first !== undefined) {
      const { stop_details } = JSON.parse((await send(recipe, recipe.first)).text) as { stop_details: Json }
      const fallback_credit_token = { token: stop_details.fallback_credit_token, mode: 'best_effort' }
      body = { ...body, fallback_credit_token }
    }
    const { status, text } = await send(recipe, body)
    expect(status).toBe(recipe.status ?? 200)
    return fence.kind === 'sse' ? eventData(text).map((data) => JSON.parse(data) as Json) : [JSON.parse(text) as Json]
  }

  test('GW-2: each example has a recipe, or a reason why there is none', () => {
    expect([...all.map(({ fence }) => fence), ...Object.keys(UNSERVED)].sort()).toEqual(
      fences.map(({ name }) => name).sort(),
    )
  })

  for (const recipe of all) {
    const { fence: name, part = (answer) => answer } = recipe
    const shownBy = async () => {
      const fence = fenceOf(name)
      const answer = await answerOf(recipe, fence)
      if (fence.type === 'openai:ResponseStreamEvent')
        expect(answer.map((event) => event.sequence_number)).toEqual(answer.map((_, i) => i))
      return part(answer)
    }
    test(`GW-2: ${name}`, async () => {
      const { type, values } = fenceOf(name)
      const shown = await shownBy()
      served.push(...shown.map((value, i) => ({ name: `${name}, value ${i}`, type, value })))
      expect(normalEvents(shown)).toEqual(normalEvents(values))
    })
  }

  describe('an upstream that stops in the middle', () => {
    const opening = (name: string, events: number) =>
      example(name)
        .split(/(?<=\n\n)/)
        .slice(0, events)
        .join('')
    const messages = [{ role: 'user', content: 'hello' }]
    const chatError = '{ error: { message: string; type: string; param: string | null; code: string | null } }'
    const surfaces = [
      {
        path: '/v1/messages',
        body: { max_tokens: 9, messages },
        begun: opening('5.2 sse anthropic:RawMessageStreamEvent', 2),
        types: ['anthropic:ErrorResponse'],
        end: /^event: error\ndata: .*\n\n$/m,
      },
      {
        path: '/v1/chat/completions',
        body: { messages },
        begun: opening('9 sse openai:ChatCompletionChunk', 2),
        types: [chatError],
        end: /^data: \[DONE\]\n\n$/m,
      },
      {
        path: '/v1/responses',
        body: { input: 'hello' },
        begun: opening('10 sse openai:ResponseStreamEvent', 4),
        types: ['OpenAI.Responses.ResponseErrorEvent', 'OpenAI.Responses.ResponseFailedEvent'],
        end: /^event: response\.failed\ndata: .*\n\n$/m,
      },
    ] as const

    async function lastOf({ path, body, begun, types, end }: (typeof surfaces)[number], how: 'cut' | 'end') {
      shelf.breakOff(begun, how)
      const { text } = await send({ fence: '', path }, { model: 'model-x', stream: true, ...body })
      expect(text).toMatch(end)
      const last = eventData(text).slice(-types.length)
      return last.map((data, i) => sampleOf({ name: `${path} ${i}`, type: types[i]!, value: JSON.parse(data) as Json }))
    }

    test('GW-10: the error is native and the stream ends whole, on each surface', async () => {
      const samples = []
      for (const surface of surfaces)
        for (const how of ['cut', 'end'] as const) samples.push(...(await lastOf(surface, how)))
      const failed =
        "Omit<OpenAI.Responses.ResponseFailedEvent, 'response'> & { response: Partial<OpenAI.Responses.Response> }"
      const shown = samples.map((one) => (one.type.endsWith('FailedEvent') ? { ...one, type: failed } : one))
      expect(typeFaults(shown, 'errors')).toEqual([])
    })

    test('GW-10: `response.failed` carries a whole response, the one that was begun', async () => {
      const [, failed] = (await lastOf(surfaces[2], 'cut')) as [Sample, Sample & { value: { response: Json } }]
      expect(failed.value.response.id).toBe('resp_01J9ZU10')
      const response = { output_text: '', ...failed.value.response }
      expect(typeFaults([{ ...failed, value: { ...failed.value, response } }], 'failed')).toEqual([])
    })
  })

  test('GW-2: what the program said type-checks as the examples do', () => {
    expect(served.length).toBeGreaterThan(all.length)
    const samples = served.map((sample) => ({ ...sample, type: NO_OUTPUT_TEXT[sample.type] ?? sample.type }))
    expect(typeFaults(samples.map(sampleOf), 'served')).toEqual([])
  })
})

/** `output_text` is typed as if the server sent it, and added by the client. */
const NO_OUTPUT_TEXT: Readonly<Record<string, string>> = {
  'openai:Response': "Omit<OpenAI.Responses.Response, 'output_text'>",
}
