import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerInDoubt, ask, CLEAN, doubtOf, FALLBACK, opinions } from './parts/asked-others.ts'
import { type Configured, startConfigured } from './parts/configured.ts'
import { json, type Recorded, type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'

describe('activation probes', () => {
  let sluice: Configured
  let model: RecordingUpstream
  let answer = ''
  beforeAll(async () => {
    answer = await answerInDoubt()
    model = await startRecordingUpstream()
    sluice = await startConfigured(`${FALLBACK}detectors: [{kind: probe, id: probe, secret_env: PROBE_KEY}]\n`, {
      env: { ANTHROPIC_UPSTREAM_URL: model.url, OPENAI_UPSTREAM_URL: model.url, PROBE_KEY: 'probe-secret' },
    })
  })
  afterAll(async () => {
    await sluice.stop()
    await model.close()
  })

  const signed = (request: Recorded, scores: string, secret = 'probe-secret') => {
    const id = String(request.headers['x-sluice-request-id'])
    const mac = createHmac('sha256', secret).update(`v1\n${id}\n${scores}`).digest('base64url')
    return `v1; ${scores}; ${mac}`
  }
  const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'large',
    usage: { input_tokens: 5, output_tokens: 5 },
  }

  function whole(header: (request: Recorded) => string, text = answer): void {
    model.answer = (request, response) =>
      json(
        response,
        200,
        { ...message, content: [{ type: 'text', text }], stop_reason: 'end_turn' },
        { 'x-sluice-probe': header(request) },
      )
  }
  function streamed(trailer: (request: Recorded) => string | null): void {
    model.answer = (request, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', trailer: 'x-sluice-probe' })
      response.write(event('message_start', { message: { ...message, content: [], stop_reason: null } }))
      response.write(event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }))
      response.write(event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: answer } }))
      response.write(event('content_block_stop', { index: 0 }))
      response.write(event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }))
      response.write(event('message_stop', {}))
      const value = trailer(request)
      // Some servers never come to an end.
      if (value === null) return
      setTimeout(() => {
        response.addTrailers({ 'x-sluice-probe': value })
        response.end()
      }, 50)
    }
  }

  /** What the light tier doubts in `answer`, as a probe would name it. */
  const certain = async () => `harm.${(await doubtOf(answer))!}=990000`

  test('a signed report that agrees with the light tier withholds an answer', async () => {
    const scores = await certain()
    whole((request) => signed(request, scores))
    const asked = await ask(sluice, CLEAN)
    expect(JSON.parse(asked.text)).toMatchObject({ stop_reason: 'refusal' })
    expect(await opinions(asked, 1)).toEqual(['probe: scored'])
  })

  test('one that is unsigned, wrong, or for another request is unavailable', async () => {
    const scores = await certain()
    const bad: ((request: Recorded) => string)[] = [
      () => scores,
      (request) => signed(request, scores, 'other-secret'),
      (request) => signed({ ...request, headers: { 'x-sluice-request-id': 'req_other' } }, scores),
      (request) => signed(request, 'harm.cyber=1').replace('harm.cyber=1', scores),
    ]
    for (const header of bad) {
      whole(header)
      const asked = await ask(sluice, CLEAN)
      expect(asked.text).toContain('end_turn')
      expect(asked.degraded).toBe('probe')
      expect(await opinions(asked, 1)).toEqual(['probe: unsigned'])
    }
  })

  test('one about something else than the light tier doubts decides nothing', async () => {
    const other = (await doubtOf(answer)) === 'cyber' ? 'bio' : 'cyber'
    whole((request) => signed(request, `harm.${other}=999999`))
    expect((await ask(sluice, CLEAN)).text).toContain('end_turn')
  })

  test('a stream ends with the refusal when its trailer says so, and the header never reaches the caller', async () => {
    const scores = await certain()
    streamed((request) => signed(request, scores))
    const asked = await ask(sluice, CLEAN, { stream: true })
    expect(asked.text).toContain('"stop_reason":"refusal"')
    expect(asked.text).not.toContain('"stop_reason":"end_turn"')
    expect(await opinions(asked, 1)).toEqual(['probe: scored'])
    streamed((request) => signed(request, 'harm.cyber=1'))
    const fine = await ask(sluice, CLEAN, { stream: true })
    expect(fine.text.trimEnd().endsWith('data: {"type":"message_stop"}')).toBe(true)
  })

  /** A Chat answer whose last chunk comes in a read of its own, long before what ends the stream. */
  function streamedChat(trailer: (request: Recorded) => string, ends: string): void {
    const chunk = (delta: object, finish_reason: string | null) => {
      const base = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'large' }
      return `data: ${JSON.stringify({ ...base, choices: [{ index: 0, delta, finish_reason }] })}\n\n`
    }
    model.answer = async (request, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', trailer: 'x-sluice-probe' })
      for (const piece of [chunk({ role: 'assistant', content: answer }, null), chunk({}, 'stop'), ends]) {
        response.write(piece)
        await sleep(100)
      }
      response.addTrailers({ 'x-sluice-probe': trailer(request) })
      response.end()
    }
  }
  const client = () => new OpenAI({ apiKey: 'k', baseURL: `${sluice.facts.gatewayUrl}/v1`, maxRetries: 0 })
  const completion = () =>
    client()
      .chat.completions.stream({ model: 'large', messages: [{ role: 'user', content: CLEAN }] })
      .finalChatCompletion()

  test.each([
    ['with its end', 'data: [DONE]\n\n'],
    ['without', ': nothing more\n\n'],
  ])('GW-9: a Chat stream, %s, ends with the refusal and not with what the model ended it with', async (_, ends) => {
    const scores = await certain()
    streamedChat((request) => signed(request, scores), ends)
    const { choices, ...rest } = await completion()
    expect(choices).toMatchObject([{ finish_reason: 'content_filter', message: { content: answer } }])
    expect(choices[0]!.message.refusal).toContain('/d/dec_')
    expect(rest).toMatchObject({ sluice: { action: 'refuse', stage: 'output' } })
    const wire = await client()
      .chat.completions.create({ model: 'large', stream: true, messages: [{ role: 'user', content: CLEAN }] })
      .asResponse()
    const text = await wire.text()
    expect(text).not.toContain('"finish_reason":"stop"')
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    streamedChat((request) => signed(request, 'harm.cyber=1'), ends)
    const fine = await completion()
    expect(fine.choices).toMatchObject([{ finish_reason: 'stop', message: { content: answer } }])
    expect(fine).not.toHaveProperty('sluice')
  })

  test('GW-32: a trailer that never comes holds the last event for the budget and no longer', async () => {
    streamed(() => null)
    const started = performance.now()
    const reply = await fetch(`${sluice.facts.gatewayUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
      body: JSON.stringify({
        model: 'large',
        max_tokens: 9,
        stream: true,
        messages: [{ role: 'user', content: CLEAN }],
      }),
    })
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of reply.body!) {
      text += decoder.decode(chunk, { stream: true })
      if (text.includes('message_stop')) break
    }
    expect(text).toContain('message_stop')
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
