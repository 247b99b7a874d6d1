import { BetaFallbackState, betaRefusalFallbackMiddleware, Anthropic as Client } from '@anthropic-ai/sdk'
import { generateObject, generateText } from 'ai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Clients, clientsOf, collect, merged, told, whole } from './clients.ts'
import { example } from './examples.ts'
import { type Json, withoutSluice } from './fences.ts'
import { shapesOf } from './shapes.ts'
import { type Shelf, startShelf } from './shelf.ts'

/**
 * The table of clients: ✓ good, ~ partial, ✗ breaks. The examples come from a server on loopback; what a client really
 * makes of them is asserted, good or not.
 */
let shelf: Shelf
beforeAll(async () => {
  shelf = await startShelf()
})
afterAll(() => shelf.close())

describe('GW-1: what the clients make of each shape', () => {
  const shapes = shapesOf(example)
  const appeal = /https:\/\/sluice\.example\/d\/dec_\w+\?k=\w+/
  const ask = { model: 'claude-fable-5', max_tokens: 99, messages: [{ role: 'user' as const, content: 'hi' }] }
  const chat = { model: 'gpt-5.5', messages: [{ role: 'user' as const, content: 'hi' }] }
  const respond = { model: 'gpt-5.5', input: 'hi' }
  const object = z.object({ answer: z.string() })
  const inChat = { ...chat, response_format: zodResponseFormat(object, 'answer') }
  const inResponses = { ...respond, text: { format: zodTextFormat(object, 'answer') } }
  let clients: Clients
  beforeAll(() => {
    clients = clientsOf(shelf.url)
  })

  describe('allow', () => {
    test('GW-1: allowed: every client of Messages has the text', async () => {
      const text = 'The bug is on line 3.'
      shelf.serve(shapes.allowed)
      expect((await clients.anthropic.messages.create(ask)).content[0]).toMatchObject({ text })
      expect((await clients.anthropic.beta.messages.create(ask)).content[0]).toMatchObject({ text })
      expect((await whole(clients.ai.messages)).text).toBe(text)
      expect((await clients.langchain.messages.invoke('hi')).text).toBe(text)
      shelf.serve(shapes.allowedStream)
      expect((await clients.anthropic.messages.stream(ask).finalMessage()).content[0]).toMatchObject({ text })
      expect((await clients.anthropic.beta.messages.stream(ask).finalMessage()).content[0]).toMatchObject({ text })
      expect((await told(clients.ai.messages)).text).toBe(text)
      expect((await merged(clients.langchain.messages)).text).toBe(text)
    })
    test('GW-1: counted tokens, models, moderations', async () => {
      shelf.serve(example('5.7 json anthropic:BetaMessageTokensCount'))
      const { model, messages } = ask
      expect((await clients.anthropic.messages.countTokens({ model, messages })).input_tokens).toBe(2095)
      expect((await clients.anthropic.beta.messages.countTokens({ model, messages })).input_tokens).toBe(2095)
      shelf.serve(example('5.7 json anthropic:BetaModelInfoList'))
      expect((await collect(clients.anthropic.beta.models.list())).map(({ id }) => id)).toEqual(['claude-fable-5'])
      shelf.serve(example('11 json openai:ModerationCreateResponse'))
      const { results } = await clients.openai.moderations.create({ input: 'hi' })
      expect(results[0]).toMatchObject({ flagged: true, categories: { illicit: true, violence: false } })
    })
  })

  describe('refusal 200 with `stop_details` and extra members', () => {
    test('GW-1: Anthropic SDK ✓ keeps all', async () => {
      shelf.serve(shapes.refusal)
      for (const message of [
        await clients.anthropic.messages.create(ask),
        await clients.anthropic.beta.messages.create(ask),
      ])
        expect(withoutSluice(message)).toEqual(withoutSluice(JSON.parse(shapes.refusal)))
      expect(await clients.anthropic.messages.create(ask)).toMatchObject({ sluice: { action: 'refuse' } })
      shelf.serve(shapes.early)
      for (const stream of [clients.anthropic.messages.stream(ask), clients.anthropic.beta.messages.stream(ask)]) {
        const final = await stream.finalMessage()
        expect(final).toMatchObject({ stop_reason: 'refusal', content: [] })
        expect(final.stop_details).toMatchObject({ category: 'cyber', explanation: expect.stringMatching(appeal) })
      }
    })
    test('GW-1: AI SDK ✓ content-filter with category and explanation; strips extras', async () => {
      shelf.serve(shapes.refusal)
      const { finishReason, text, providerMetadata } = await whole(clients.ai.messages)
      expect([finishReason, text]).toEqual(['content-filter', ''])
      const details = { type: 'refusal', category: 'cyber', explanation: expect.stringMatching(appeal) }
      // The recommended model is kept where there is one; here it is null.
      expect(providerMetadata?.anthropic?.stopDetails).toEqual(details)
      expect(JSON.stringify(providerMetadata)).not.toContain('sluice":')
      shelf.serve(shapes.refusal.replace('"recommended_model":null', '"recommended_model":"claude-opus-4-8"'))
      expect((await whole(clients.ai.messages)).providerMetadata?.anthropic?.stopDetails).toMatchObject({
        recommendedModel: 'claude-opus-4-8',
      })
      shelf.serve(shapes.early)
      const stream = await told(clients.ai.messages)
      expect([stream.finishReason, stream.errors]).toEqual(['content-filter', []])
      expect(stream.metadata?.anthropic?.stopDetails).toMatchObject(details)
    })
    test('GW-1: LangChain ✓ in response_metadata; streamed, in additional_kwargs', async () => {
      shelf.serve(shapes.refusal)
      const message = await clients.langchain.messages.invoke('hi')
      expect(message.response_metadata).toMatchObject({
        stop_reason: 'refusal',
        stop_details: { explanation: expect.stringMatching(appeal) },
        sluice: { action: 'refuse' },
      })
      shelf.serve(shapes.early)
      const stream = await merged(clients.langchain.messages)
      expect(stream.additional_kwargs).toMatchObject({
        stop_reason: 'refusal',
        stop_details: { explanation: expect.stringMatching(appeal) },
      })
    })
    test('GW-1: AI SDK: an object that cannot be made is an error of its own, which says why', async () => {
      // No client can return an object that there is not: the one way besides `.parse()` in which a refusal throws.
      for (const [text, model] of [
        [shapes.refusal, clients.ai.messages],
        [shapes.chatStop, clients.ai.chat],
        [shapes.responses, clients.ai.responses],
      ] as const) {
        shelf.serve(text)
        const failed = generateObject({ model, schema: object, prompt: 'hi', maxRetries: 0 })
        await expect(failed).rejects.toMatchObject({
          name: 'AI_NoObjectGeneratedError',
          finishReason: 'content-filter',
        })
        expect(shelf.requests).toHaveLength(1)
      }
    })
  })

  test('GW-1: `stop_details: null` on a refusal: Anthropic SDK ✓, AI SDK ✓, LangChain ✓', async () => {
    shelf.serve(shapes.refusalWithoutDetails)
    expect(await clients.anthropic.messages.create(ask)).toMatchObject({ stop_reason: 'refusal', stop_details: null })
    expect((await whole(clients.ai.messages)).finishReason).toBe('content-filter')
    expect((await clients.langchain.messages.invoke('hi')).response_metadata).toMatchObject({ stop_reason: 'refusal' })
  })

  describe('native fallback', () => {
    const kinds = (content: readonly { type: string }[]) => content.map(({ type }) => type)
    const served = ['message', 'fallback_message']

    test('GW-1: Anthropic SDK ✓; `messages.stream` loses `usage.iterations`, the beta stream keeps it', async () => {
      shelf.serve(shapes.fallback)
      for (const message of [
        await clients.anthropic.messages.create(ask),
        await clients.anthropic.beta.messages.create(ask),
      ]) {
        expect(message.model).toBe('claude-opus-4-8')
        expect(kinds(message.content)).toEqual(['fallback', 'text'])
        expect(message.usage).toMatchObject({ iterations: served.map((type) => ({ type })) })
      }
      for (const [text, content, model] of [
        [shapes.fallbackStream, ['fallback', 'text'], 'claude-opus-4-8'],
        // In mid-answer the plain helper goes on naming the model that began.
        [shapes.seam, ['text', 'fallback', 'text'], 'claude-fable-5'],
      ] as const) {
        shelf.serve(text)
        const plain = await clients.anthropic.messages.stream(ask).finalMessage()
        expect([kinds(plain.content), plain.model, plain.stop_reason]).toEqual([content, model, 'end_turn'])
        expect(plain.usage).toMatchObject({ iterations: null })
        const beta = await clients.anthropic.beta.messages.stream(ask).finalMessage()
        expect([kinds(beta.content), beta.model]).toEqual([content, 'claude-opus-4-8'])
        expect(beta.usage.iterations?.map(({ type }) => type)).toEqual(served)
      }
    })
    test('GW-1: AI SDK ✓ custom part, iterations in metadata, `response.modelId`', async () => {
      shelf.serve(shapes.fallback)
      const { content, response, providerMetadata } = await whole(clients.ai.messages)
      expect(content[0]).toMatchObject({ type: 'custom', kind: 'anthropic.fallback' })
      expect(response.modelId).toBe('claude-opus-4-8')
      expect(providerMetadata?.anthropic?.iterations).toMatchObject(served.map((type) => ({ type })))
      shelf.serve(shapes.fallbackStream)
      const stream = await told(clients.ai.messages)
      expect([stream.modelId, stream.errors, stream.finishReason]).toEqual(['claude-opus-4-8', [], 'stop'])
      expect(stream.metadata?.anthropic?.iterations).toMatchObject(served.map((type) => ({ type })))
      shelf.serve(shapes.seam)
      const seam = await told(clients.ai.messages)
      expect([seam.text, seam.errors]).toEqual(['First, confirm the crash. Then patch the length check.', []])
      expect(seam.parts).toContain('custom')
    })
    test('GW-1: LangChain ✓ non-stream; stream hides the block', async () => {
      shelf.serve(shapes.fallback)
      const message = await clients.langchain.messages.invoke('hi')
      expect(kinds(message.content as { type: string }[])).toEqual(['fallback', 'text'])
      expect(message.response_metadata).toMatchObject({ model: 'claude-opus-4-8' })
      shelf.serve(shapes.seam)
      const stream = await merged(clients.langchain.messages)
      expect(stream.content).toBe('First, confirm the crash. Then patch the length check.')
      expect(JSON.stringify(stream)).not.toContain('"fallback"')
    })
  })

  describe('custom content block', () => {
    test('GW-1: Anthropic SDK ✓, LangChain ✓', async () => {
      shelf.serve(shapes.customBlock)
      expect((await clients.anthropic.messages.create(ask)).content).toMatchObject([{ type: 'sluice_notice' }])
      expect((await clients.langchain.messages.invoke('hi')).content).toMatchObject([{ type: 'sluice_notice' }])
      shelf.serve(shapes.customBlockStream)
      const { content } = await clients.anthropic.messages.stream(ask).finalMessage()
      expect(content).toMatchObject([{ type: 'sluice_notice' }, { type: 'text' }])
      expect((await merged(clients.langchain.messages)).content).toBe('The overflow is in parse_len.')
    })
    test('GW-1: AI SDK ✗ throws, or an error part', async () => {
      shelf.serve(shapes.customBlock)
      await expect(whole(clients.ai.messages)).rejects.toThrow('Invalid JSON response')
      shelf.serve(shapes.customBlockStream)
      expect((await told(clients.ai.messages)).parts).toContain('error')
    })
  })

  describe('custom SSE event', () => {
    test('GW-1: Anthropic SDK ✓ passed on, LangChain ✓', async () => {
      shelf.serve(shapes.customEvent)
      const events = await collect(await clients.anthropic.messages.create({ ...ask, stream: true }))
      expect(events.map(({ type }) => type)).toContain('sluice')
      expect((await clients.anthropic.messages.stream(ask).finalMessage()).stop_reason).toBe('refusal')
      expect((await merged(clients.langchain.messages)).additional_kwargs).toMatchObject({ stop_reason: 'refusal' })
      shelf.serve(shapes.customChunk)
      expect((await merged(clients.langchain.chat)).response_metadata).toMatchObject({
        finish_reason: 'content_filter',
      })
      shelf.serve(shapes.customResponseEvent)
      expect((await merged(clients.langchain.responses)).response_metadata).toMatchObject({ status: 'incomplete' })
    })
    test('GW-1: OpenAI SDK ✗ the helpers of Chat and Responses throw; raw streams ✓', async () => {
      shelf.serve(shapes.customChunk)
      await expect(clients.openai.chat.completions.stream(chat).finalChatCompletion()).rejects.toThrow('not iterable')
      expect(await collect(await clients.openai.chat.completions.create({ ...chat, stream: true }))).toHaveLength(6)
      shelf.serve(shapes.customResponseEvent)
      // The table says nothing of this helper: it throws as well.
      await expect(clients.openai.responses.stream(respond).finalResponse()).rejects.toThrow('Unhandled')
      expect(await collect(await clients.openai.responses.create({ ...respond, stream: true }))).toHaveLength(13)
    })
    test('GW-1: AI SDK ✗ error part on Messages and Chat; Responses ignores it', async () => {
      shelf.serve(shapes.customEvent)
      expect((await told(clients.ai.messages)).parts).toContain('error')
      shelf.serve(shapes.customChunk)
      expect((await told(clients.ai.chat)).parts).toContain('error')
      shelf.serve(shapes.customResponseEvent)
      const { parts, finishReason } = await told(clients.ai.responses)
      expect(parts).not.toContain('error')
      expect(finishReason).toBe('content-filter')
    })
  })

  test('GW-1: SSE comment, `ping`: Anthropic SDK ✓, OpenAI SDK ✓, AI SDK ✓, LangChain ✓', async () => {
    shelf.serve(shapes.alive)
    const final = await clients.anthropic.messages.stream(ask).finalMessage()
    expect([final.stop_reason, final.content.length]).toEqual(['refusal', 1])
    expect(await told(clients.ai.messages)).toMatchObject({ errors: [], finishReason: 'content-filter' })
    expect((await merged(clients.langchain.messages)).content).toBe('Here is an overview of the protocol. ')
    shelf.serve(shapes.chatAlive)
    const completion = await clients.openai.chat.completions.stream(chat).finalChatCompletion()
    expect(completion.choices[0]!.message.content).toBe('Here is an overview. ')
    expect(await told(clients.ai.chat)).toMatchObject({ errors: [], finishReason: 'content-filter' })
    expect((await merged(clients.langchain.chat)).content).toBe('Here is an overview. ')
    shelf.serve(shapes.responsesAlive)
    expect((await clients.openai.responses.stream(respond).finalResponse()).status).toBe('incomplete')
    expect(await told(clients.ai.responses)).toMatchObject({ errors: [], finishReason: 'content-filter' })
    expect((await merged(clients.langchain.responses)).text).toBe('Here is an overview. ')
  })

  test('GW-1: extra top-level JSON members: Anthropic SDK ✓, OpenAI SDK ✓, AI SDK ✓ dropped, LangChain ✓', async () => {
    const sluice = { action: 'refuse' }
    shelf.serve(shapes.refusal)
    expect(await clients.anthropic.messages.create(ask)).toMatchObject({ sluice })
    shelf.serve(shapes.chatModerated)
    expect(await clients.openai.chat.completions.create(chat)).toMatchObject({
      sluice,
      moderation: { input: { results: [{ flagged: true }] }, output: { code: 'detector_unavailable' } },
    })
    expect(JSON.stringify((await whole(clients.ai.chat)).providerMetadata)).not.toContain('sluice')
    await clients.langchain.chat.invoke('hi')
    shelf.serve(shapes.chatStream)
    expect(await clients.openai.chat.completions.stream(chat).finalChatCompletion()).toMatchObject({ sluice })
    shelf.serve(shapes.responses)
    expect(await clients.openai.responses.create(respond)).toMatchObject({ sluice })
    shelf.serve(shapes.responsesStream)
    expect(await clients.openai.responses.stream(respond).finalResponse()).toMatchObject({ sluice })
    expect((await merged(clients.langchain.responses)).response_metadata).toMatchObject({ sluice })
  })

  test('GW-1: mid-stream refusal: every client ✓, AI SDK with the partial text still visible', async () => {
    const shown = 'Here is an overview of the protocol. '
    shelf.serve(shapes.midway)
    for (const stream of [clients.anthropic.messages.stream(ask), clients.anthropic.beta.messages.stream(ask)]) {
      const final = await stream.finalMessage()
      expect(final.stop_reason).toBe('refusal')
      expect(final.content).toMatchObject([{ text: shown }])
      expect(final.stop_details?.explanation).toMatch(appeal)
    }
    expect(await told(clients.ai.messages)).toMatchObject({ text: shown, finishReason: 'content-filter', errors: [] })
    const message = await merged(clients.langchain.messages)
    expect([message.content, message.additional_kwargs.stop_reason]).toEqual([shown, 'refusal'])

    shelf.serve(shapes.chatStream)
    const [choice] = (await clients.openai.chat.completions.stream(chat).finalChatCompletion()).choices
    expect(choice).toMatchObject({
      finish_reason: 'content_filter',
      message: { content: 'Here is an overview. ', refusal: expect.stringMatching(appeal) },
    })
    const inText = expect.stringMatching(/^Here is an overview\. \n\nThe rest was declined/)
    expect(await told(clients.ai.chat)).toMatchObject({ text: inText, finishReason: 'content-filter', errors: [] })
    const chunk = await merged(clients.langchain.chat)
    expect([chunk.content, chunk.response_metadata.finish_reason]).toEqual(['Here is an overview. ', 'content_filter'])

    shelf.serve(shapes.responsesStream)
    const response = await clients.openai.responses.stream(respond).finalResponse()
    expect([response.status, JSON.stringify(response.output)]).toEqual(['incomplete', expect.stringMatching(appeal)])
    expect(await told(clients.ai.responses)).toMatchObject({ text: inText, finishReason: 'content-filter', errors: [] })
    const item = await merged(clients.langchain.responses)
    expect(item.additional_kwargs.refusal).toMatch(appeal)
  })

  test('GW-1: mid-stream `error`: Anthropic SDK ✓ throws typed, OpenAI SDK ✓ throws, AI SDK ✓ error part', async () => {
    const message = 'the rest of this answer could not be checked in time'
    shelf.serve(shapes.broken)
    for (const stream of [clients.anthropic.messages.stream(ask), clients.anthropic.beta.messages.stream(ask)])
      await expect(stream.finalMessage()).rejects.toMatchObject({
        type: 'api_error',
        errorCode: 'guard_unavailable',
        message: expect.stringContaining(message),
      })
    const half = { finishReason: 'error', errors: [message], parts: expect.arrayContaining(['error']) }
    expect(await told(clients.ai.messages)).toMatchObject(half)
    await expect(merged(clients.langchain.messages)).rejects.toThrow(message)
    shelf.serve(shapes.chatBroken)
    await expect(clients.openai.chat.completions.stream(chat).finalChatCompletion()).rejects.toThrow(message)
    await expect(clients.openai.chat.completions.create({ ...chat, stream: true }).then(collect)).rejects.toMatchObject(
      {
        code: 'guard_unavailable',
      },
    )
    expect(await told(clients.ai.chat)).toMatchObject(half)
    await expect(merged(clients.langchain.chat)).rejects.toThrow(message)
    shelf.serve(shapes.responsesBroken)
    await expect(clients.openai.responses.stream(respond).finalResponse()).rejects.toThrow(message)
    expect(await told(clients.ai.responses)).toMatchObject(half)
    await expect(merged(clients.langchain.responses)).rejects.toThrow(message)
  })

  test('GW-1: TCP cut mid-stream: Anthropic SDK ✓ throws; AI SDK throws on a cut, and is silent on an early end', async () => {
    shelf.breakOff(shapes.half, 'cut')
    await expect(clients.anthropic.messages.stream(ask).finalMessage()).rejects.toThrow('terminated')
    // The table says ✗ no error for the AI SDK. That is so for a body that ends too early (below), not for a cut one.
    await expect(told(clients.ai.messages)).rejects.toThrow('Failed to process successful response')
    await expect(merged(clients.langchain.messages)).rejects.toThrow('terminated')
    shelf.breakOff(shapes.half, 'end')
    expect(await told(clients.ai.messages)).toMatchObject({ errors: [], finishReason: 'interrupted' })
    await expect(clients.anthropic.messages.stream(ask).finalMessage()).rejects.toThrow('without producing a Message')
  })

  describe('Chat `content_filter` + `refusal`', () => {
    test('GW-1: OpenAI SDK ✓; `.parse()` throws and hides the text', async () => {
      shelf.serve(shapes.chat)
      const [choice] = (await clients.openai.chat.completions.create(chat)).choices
      expect(choice).toMatchObject({ finish_reason: 'content_filter', message: { content: null } })
      expect(choice!.message.refusal).toMatch(appeal)
      const failed = clients.openai.chat.completions.parse(inChat)
      await expect(failed).rejects.toThrow('rejected by the content filter')
      await expect(failed).rejects.not.toThrow(appeal)
      shelf.serve(shapes.chatEarly)
      await expect(clients.openai.chat.completions.stream(inChat).finalChatCompletion()).rejects.toThrow(
        'rejected by the content filter',
      )
    })
    test('GW-1: AI SDK ✓ shown as text', async () => {
      shelf.serve(shapes.chat)
      const { text, finishReason } = await whole(clients.ai.chat)
      expect(text).toMatch(appeal)
      expect(finishReason).toBe('content-filter')
      shelf.serve(shapes.chatEarly)
      expect(await told(clients.ai.chat)).toMatchObject({ errors: [], text: expect.stringMatching(appeal) })
    })
    test('GW-1: LangChain ~ text dropped, unless it is mirrored into the content', async () => {
      shelf.serve(shapes.chat)
      const message = await clients.langchain.chat.invoke('hi')
      expect([message.content, message.response_metadata.finish_reason]).toEqual(['', 'content_filter'])
      expect(JSON.stringify(message)).not.toMatch(appeal)
      shelf.serve(shapes.chatMirrored)
      expect((await clients.langchain.chat.invoke('hi')).content).toMatch(appeal)
    })
  })

  describe('Chat `stop` + `refusal`', () => {
    test('GW-1: OpenAI SDK ✓; `.parse()` returns it', async () => {
      shelf.serve(shapes.chatStop)
      const [choice] = (await clients.openai.chat.completions.parse(inChat)).choices
      expect(choice!.message.refusal).toMatch(appeal)
      expect(choice!.message.parsed).toBeNull()
    })
    test('GW-1: OpenAI SDK, streamed with a schema ✗: text before the refusal that is no JSON, whole or begun, throws', async () => {
      shelf.serve(shapes.chatStopStream)
      const stream = clients.openai.chat.completions.stream(inChat)
      await expect(stream.finalChatCompletion()).rejects.toThrow('invalid structured output JSON')
    })
    test('GW-1: AI SDK ✓ content-filter', async () => {
      shelf.serve(shapes.chatStop)
      expect((await whole(clients.ai.chat)).finishReason).toBe('content-filter')
      shelf.serve(shapes.chatStopStream)
      expect(await told(clients.ai.chat)).toMatchObject({ finishReason: 'content-filter', errors: [] })
    })
    test('GW-1: LangChain ✗ empty text, finish `stop`: silent', async () => {
      shelf.serve(shapes.chatStop)
      const message = await clients.langchain.chat.invoke('hi')
      expect([message.content, message.response_metadata.finish_reason]).toEqual(['', 'stop'])
      expect(JSON.stringify(message)).not.toMatch(appeal)
    })
  })

  test('GW-1: Responses incomplete + refusal part: OpenAI SDK ✓, AI SDK ✓, LangChain ✓', async () => {
    shelf.serve(shapes.responses)
    for (const response of [
      await clients.openai.responses.create(respond),
      await clients.openai.responses.parse(inResponses),
    ]) {
      expect(response.incomplete_details?.reason).toBe('content_filter')
      expect([JSON.stringify(response.output), response.output_text]).toEqual([expect.stringMatching(appeal), ''])
    }
    const { text, finishReason } = await whole(clients.ai.responses)
    expect([text, finishReason]).toEqual([expect.stringMatching(appeal), 'content-filter'])
    // The table has no word for LangChain here: it keeps the refusal beside the content.
    expect((await clients.langchain.responses.invoke('hi')).additional_kwargs.refusal).toMatch(appeal)
    shelf.serve(shapes.responsesStream)
    const final = await clients.openai.responses.stream(inResponses).finalResponse()
    expect([final.status, final.output_parsed]).toEqual(['incomplete', null])
  })

  describe('statuses', () => {
    const suspended = example('8 json anthropic:ErrorResponse')
    const envelope = JSON.stringify({ error: { message: 'no', type: 'insufficient_quota', param: null, code: 'x' } })
    const attempts = async (call: () => Promise<unknown>) => {
      shelf.requests.length = 0
      await expect(call()).rejects.toThrow()
      return shelf.requests.length
    }
    const asks = (model: Parameters<typeof whole>[0]) => () => generateText({ model, prompt: 'hi', maxRetries: 1 })

    test('GW-1: 400, 402, 403: 1 attempt by every client, and the error says what happened', async () => {
      for (const status of [400, 402, 403]) {
        shelf.serve(suspended, status)
        expect([
          await attempts(() => clients.anthropic.messages.create(ask)),
          await attempts(() => clients.anthropic.messages.stream(ask).finalMessage()),
          await attempts(asks(clients.ai.messages)),
          await attempts(() => clients.langchain.messages.invoke('hi')),
        ]).toEqual([1, 1, 1, 1])
        shelf.serve(envelope, status)
        expect([
          await attempts(() => clients.openai.chat.completions.create(chat)),
          await attempts(() => clients.openai.responses.create(respond)),
          await attempts(asks(clients.ai.chat)),
          await attempts(asks(clients.ai.responses)),
          await attempts(() => clients.langchain.chat.invoke('hi')),
        ]).toEqual([1, 1, 1, 1, 1])
      }
      for (const [name, status, type, errorCode] of [
        ['8 json anthropic:ErrorResponse', 403, 'permission_error', 'model_suspended'],
        ['8 json anthropic:ErrorResponse #2', 403, 'permission_error', 'trusted_access_required'],
        ['8 json anthropic:ErrorResponse #3', 402, 'billing_error', 'budget_spent'],
      ] as const) {
        shelf.serve(example(name), status, { 'request-id': 'req_1' })
        await expect(clients.anthropic.messages.create(ask)).rejects.toMatchObject({
          status,
          type,
          errorCode,
          requestID: 'req_1',
          details: (JSON.parse(example(name)) as { error: { details: Json } }).error.details,
        })
      }
    })
    test('GW-1: 429/529 with `x-should-retry: false`: 1 attempt by the SDKs; the AI SDK retries anyway', async () => {
      // Answers that may be retried at once, so that a client that waits does not make the test wait.
      const soon = { 'retry-after-ms': '1', 'retry-after': '0' }
      for (const status of [429, 529]) {
        shelf.serve(suspended, status, { ...soon, 'x-should-retry': 'false' })
        expect([
          await attempts(() => clients.anthropic.messages.create(ask)),
          await attempts(asks(clients.ai.messages)),
        ]).toEqual([1, 2])
        shelf.serve(envelope, status, { ...soon, 'x-should-retry': 'false' })
        expect([
          await attempts(() => clients.openai.chat.completions.create(chat)),
          await attempts(asks(clients.ai.chat)),
        ]).toEqual([1, 2])
        shelf.serve(suspended, status, soon)
        expect(await attempts(() => clients.anthropic.messages.create(ask))).toBe(3)
      }
    })
  })

  describe('fallback middleware of the Anthropic SDK', () => {
    const hops = () =>
      new Client({
        baseURL: shelf.url,
        apiKey: 'k',
        middleware: [betaRefusalFallbackMiddleware([{ model: 'claude-opus-4-8' }])],
      })
    const state = () => ({ fallbackState: new BetaFallbackState() })
    const asked = () => shelf.requests.map(({ body }) => (JSON.parse(body.toString()) as { model: string }).model)
    const both = ['claude-fable-5', 'claude-opus-4-8']

    test('GW-1: not streamed ✓ hops even without a token', async () => {
      shelf.serveInTurn(shapes.refusal, shapes.allowed)
      const { content, stop_reason } = await hops().beta.messages.create(ask, state())
      expect([content.map(({ type }) => type), stop_reason]).toEqual([['fallback', 'text'], 'end_turn'])
      expect(asked()).toEqual(both)
    })
    test('GW-1: streamed, no token: the refusal surfaces; token: one spliced message', async () => {
      shelf.serveInTurn(shapes.noToken, shapes.allowedStream)
      const refused = await hops().beta.messages.stream(ask, state()).finalMessage()
      expect([refused.stop_reason, asked()]).toEqual(['refusal', ['claude-fable-5']])
      expect(refused.stop_details?.explanation).toMatch(appeal)
      shelf.serveInTurn(shapes.early, shapes.allowedStream)
      const spliced = await hops().beta.messages.stream(ask, state()).finalMessage()
      expect([spliced.content.map(({ type }) => type), spliced.stop_reason]).toEqual([['fallback', 'text'], 'end_turn'])
      expect([spliced.usage.iterations?.map(({ type }) => type), asked()]).toEqual([
        ['message', 'fallback_message'],
        both,
      ])
      const [first, second] = shelf.requests
      expect(first!.headers['anthropic-beta']).toBe('fallback-credit-2026-07-01')
      expect(JSON.parse(second!.body.toString())).toMatchObject({ fallback_credit_token: { mode: 'best_effort' } })
    })
  })
})
