import { APIError as AnthropicError } from '@anthropic-ai/sdk'
import { APIError } from 'openai'
import { expect, test } from 'vitest'
import type { ProtocolAdapter } from './adapter.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { readJson } from './json.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'
import { wireErrorBody, wireErrors } from './wire-errors.ts'

const model = 'claude-fable-5'

/** wire.md §8: status, Anthropic's type, OpenAI's type and code. */
test.each([
  [
    wireErrors.bodyInvalid('body cannot be read'),
    400,
    'invalid_request_error',
    'invalid_request_error',
    'body_invalid',
  ],
  [wireErrors.credentialInvalid(), 401, 'authentication_error', 'invalid_request_error', 'invalid_api_key'],
  [wireErrors.tokenInvalid('expired'), 401, 'authentication_error', 'invalid_request_error', 'token_invalid'],
  [wireErrors.notFound(), 404, 'not_found_error', 'invalid_request_error', 'not_found'],
  [wireErrors.pathUnknown(), 404, 'not_found_error', 'invalid_request_error', 'not_found'],
  [wireErrors.profileUnknown('x-profile'), 404, 'not_found_error', 'invalid_request_error', 'not_found'],
  [wireErrors.bodyTooLarge('32 MiB'), 413, 'request_too_large', 'invalid_request_error', 'body_too_large'],
  [wireErrors.contentEncoding(), 415, 'invalid_request_error', 'invalid_request_error', 'content_encoding'],
  [wireErrors.overloaded('anthropic'), 529, 'overloaded_error', 'server_error', 'overloaded'],
  [wireErrors.overloaded('openai'), 503, 'overloaded_error', 'server_error', 'overloaded'],
  [wireErrors.recordUnavailable(), 503, 'api_error', 'server_error', 'record_unavailable'],
  [wireErrors.stageUnavailable('classifier'), 503, 'api_error', 'server_error', 'stage_unavailable'],
  [wireErrors.upstreamUnreachable(model), 502, 'api_error', 'server_error', 'upstream_unreachable'],
  [wireErrors.upstreamTimeout(model), 504, 'timeout_error', 'server_error', 'upstream_timeout'],
  [wireErrors.upstreamInvalid(model), 502, 'api_error', 'server_error', 'upstream_invalid'],
  [wireErrors.guardUnavailable(), 503, 'api_error', 'server_error', 'guard_unavailable'],
])('errors: the row of the table, in both envelopes: $code', (error, status, type, openaiType, openaiCode) => {
  expect(error.status).toBe(status)
  const { code, message } = error
  const anthropic = { type: 'error', error: { type, message, details: { error_code: code } }, request_id: 'req_1' }
  const native = JSON.parse(wireErrorBody('anthropic', error, 'req_1')) as object
  expect(native).toEqual(anthropic)
  const thrown = AnthropicError.generate(status, native, undefined, new Headers({ 'request-id': 'req_1' }))
  expect(thrown).toMatchObject({ status, type, requestID: 'req_1', errorCode: code })
  const parsed = JSON.parse(wireErrorBody('openai', error, 'req_1')) as { error: object }
  expect(parsed).toEqual({ error: { message, type: openaiType, param: null, code: openaiCode } })
  const seen = APIError.generate(status, parsed, undefined, new Headers({ 'x-request-id': 'req_1' }))
  expect(seen).toMatchObject({ status, type: openaiType, code: openaiCode, requestID: 'req_1' })
  // Read by people and by programs: lower case, one sentence without its full stop.
  expect(message).toMatch(/^[a-z].*[^.]$/)
})

test('errors: a refusal is never a retryable status, and what may be retried says when', () => {
  for (const error of [
    wireErrors.overloaded('openai'),
    wireErrors.recordUnavailable(),
    wireErrors.stageUnavailable('x'),
  ])
    expect(error.headers).toEqual({ 'retry-after': '1' })
})

test('errors: facts stand beside the code, and OpenAI’s parameter where there is one', () => {
  const error = { ...wireErrors.notFound(), param: 'model', details: { since: 'x' } }
  const anthropic = {
    type: 'error',
    error: { type: 'not_found_error', message: error.message, details: { error_code: 'not_found', since: 'x' } },
    request_id: 'req_1',
  }
  expect(JSON.parse(wireErrorBody('anthropic', error, 'req_1'))).toEqual(anthropic)
  expect(JSON.parse(wireErrorBody('openai', error, 'req_1'))).toMatchObject({ error: { param: 'model' } })
})

test('errors: what goes on from a refusal of ours is told which member, and what to send', () => {
  const response = wireErrors.refusalNamed('resp_01ARZ3NDEKTSV4RRFFQ69G5FAV')
  const message = wireErrors.refusalNamed('msg_01ARZ3NDEKTSV4RRFFQ69G5FAV')
  for (const error of [response, message])
    expect([error.status, error.message]).toEqual([400, expect.stringContaining('_01ARZ3NDEKTSV4RRFFQ69G5FAV`')])
  const openai = (error: typeof response) => JSON.parse(wireErrorBody('openai', error, 'req_1')) as object
  expect(openai(response)).toMatchObject({
    error: { code: 'previous_response_not_found', param: 'previous_response_id' },
  })
  expect(openai(message)).toMatchObject({ error: { code: 'body_invalid', param: 'input' } })
})

test('errors: in a stream, each protocol ends with its own error', () => {
  const error = wireErrors.guardUnavailable()
  const { message } = error
  const exchange = openaiChat.decode(readJson('{"model":"m","messages":[]}'), () => undefined)
  const context = { ulid: '1', createdAtSeconds: 1, servedModel: null, declined: [], credit: null }
  const failed = (adapter: ProtocolAdapter) => adapter.openStream().fail(error, exchange, context)
  const body = wireErrorBody('anthropic', error, 'req_1')
  expect(failed(anthropicMessages)).toBe(`event: error\ndata: ${body}\n\n`)
  const chat = wireErrorBody('openai', error, 'req_1')
  expect(failed(openaiChat)).toBe(`data: ${chat}\n\ndata: [DONE]\n\n`)
  const [first, second, ...rest] = failed(openaiResponses).split('\n\n')
  expect(first).toMatch(/^event: error\ndata: /)
  expect(JSON.parse(first!.slice(first!.indexOf('{')))).toMatchObject({
    type: 'error',
    code: 'guard_unavailable',
    message,
  })
  expect(second).toMatch(/^event: response\.failed\ndata: /)
  expect(JSON.parse(second!.slice(second!.indexOf('{')))).toMatchObject({
    type: 'response.failed',
    response: { status: 'failed', error: { code: 'server_error', message } },
  })
  expect(rest).toEqual([''])
})
