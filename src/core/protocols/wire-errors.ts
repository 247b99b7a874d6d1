import type { Dialect } from '../conversation/exchange.ts'
import type { SluiceMember, WireError } from './adapter.ts'

/** An error in the envelope of a dialect (wire.md §8). */
export function wireErrorBody(dialect: Dialect, error: WireError, requestId: string, member?: SluiceMember): string {
  if (dialect === 'openai') {
    const { message, openaiType: type, code, param = null } = error
    return JSON.stringify({ error: { message, type, param, code: error.openaiCode ?? code }, ...ours(member) })
  }
  const { message, anthropicType: type, code, details } = error
  return JSON.stringify({
    type: 'error',
    error: { type, message, details: { error_code: code, ...details } },
    request_id: requestId,
    ...ours(member),
  })
}

function ours(member: SluiceMember | undefined) {
  return member === undefined ? {} : { sluice: member }
}

interface SuspensionFacts {
  readonly since: string
  readonly until: string | null
  readonly briefUrl: string | null
}

const RETRY_SOON = { 'retry-after': '1' }

/** The rows of wire.md §8 that this version can reach. Messages: lower case, no conversation text. */
export const wireErrors = {
  bodyInvalid: (message: string): WireError =>
    row(400, 'invalid_request_error', 'invalid_request_error', 'body_invalid', message),
  credentialInvalid: (): WireError => ({
    ...row(
      401,
      'authentication_error',
      'invalid_request_error',
      'credential_invalid',
      'no valid credential; send `x-api-key` or `authorization: Bearer`',
    ),
    openaiCode: 'invalid_api_key',
  }),
  tokenInvalid: (cause: string): WireError =>
    row(
      401,
      'authentication_error',
      'invalid_request_error',
      'token_invalid',
      `the delegated token is not accepted: ${cause}`,
    ),
  notFound: (): WireError =>
    row(404, 'not_found_error', 'invalid_request_error', 'not_found', 'no such object for this account'),
  /**
   * Goes on from a refusal of ours. Where the vendor has a word for an answer that is not there, clients that know it send
   * the whole conversation next.
   * @param id Of the response, or of the message in it.
   */
  refusalNamed: (id: string): WireError => {
    const known = `\`${id}\` is a refusal by Sluice, not found at the upstream`
    const error = (next: string) =>
      row(400, 'invalid_request_error', 'invalid_request_error', 'body_invalid', `${known}; ${next}`)
    return id.startsWith('resp_')
      ? {
          ...error('send the previous_response_id of the answer before it, or the whole conversation without one'),
          openaiCode: 'previous_response_not_found',
          param: 'previous_response_id',
        }
      : { ...error('send the message itself, or leave it out'), param: 'input' }
  },
  pathUnknown: (): WireError =>
    row(
      404,
      'not_found_error',
      'invalid_request_error',
      'not_found',
      'this path is not served here; the operator of this gateway can list it under `passthrough:`',
    ),
  /** @param where The header or member that names the profile. */
  profileUnknown: (where: string): WireError =>
    row(
      404,
      'not_found_error',
      'invalid_request_error',
      'not_found',
      `no such profile for this key: leave ${where} out, or send the request with an upstream key of your own`,
    ),
  programmeDenied: (param: string): WireError => ({
    ...row(
      403,
      'permission_error',
      'invalid_request_error',
      'trusted_access_required',
      `this key has no trusted access: leave ${param} out or say \`standard\`, or ask the operator of this gateway for access`,
    ),
    param,
  }),
  bodyTooLarge: (limit: string): WireError => ({
    ...row(413, 'request_too_large', 'invalid_request_error', 'body_too_large', `body is larger than ${limit}`),
  }),
  contentEncoding: (): WireError =>
    row(
      415,
      'invalid_request_error',
      'invalid_request_error',
      'content_encoding',
      'this content-encoding is not supported; use identity, gzip, br or zstd',
    ),
  /** @param alternatives Models that may answer instead. */
  modelSuspended: (
    model: string,
    { since, until, briefUrl }: SuspensionFacts,
    alternatives: readonly string[],
  ): WireError => ({
    ...row(
      403,
      'permission_error',
      'invalid_request_error',
      'model_suspended',
      `${model.slice(0, 256)} is suspended for this account since ${since}${briefUrl === null ? '' : '; see details.brief_url'}`,
    ),
    param: 'model',
    details: { model, since, until, alternatives, ...(briefUrl === null ? {} : { brief_url: briefUrl }) },
  }),
  trustRequired: (scope: string, publicUrl: string): WireError => ({
    ...row(
      403,
      'permission_error',
      'invalid_request_error',
      'trusted_access_required',
      `this request needs trusted access with scope ${scope}`,
    ),
    details: { scope, enroll_url: `${publicUrl}/trust/${scope}` },
  }),
  overloaded: (dialect: Dialect): WireError => ({
    ...row(
      dialect === 'anthropic' ? 529 : 503,
      'overloaded_error',
      'server_error',
      'overloaded',
      'the gateway is shedding load; retry after 1 s',
    ),
    headers: RETRY_SOON,
  }),
  recordUnavailable: (): WireError => ({
    ...row(
      503,
      'api_error',
      'server_error',
      'record_unavailable',
      'the record cannot be written, so this answer is withheld; retry later',
    ),
    headers: RETRY_SOON,
  }),
  stageUnavailable: (stage: string): WireError => ({
    ...row(503, 'api_error', 'server_error', 'stage_unavailable', `a required stage did not answer: ${stage}`),
    headers: RETRY_SOON,
  }),
  upstreamUnreachable: (model: string): WireError =>
    row(502, 'api_error', 'server_error', 'upstream_unreachable', `no connection to the upstream of ${model}`),
  upstreamTimeout: (model: string): WireError =>
    row(504, 'timeout_error', 'server_error', 'upstream_timeout', `the upstream of ${model} did not answer in time`),
  upstreamInvalid: (model: string): WireError =>
    row(502, 'api_error', 'server_error', 'upstream_invalid', `the upstream of ${model} does not speak its protocol`),
  guardUnavailable: (): WireError =>
    row(503, 'api_error', 'server_error', 'guard_unavailable', 'the rest of this answer could not be checked in time'),
} as const

function row(status: number, anthropicType: string, openaiType: string, code: string, message: string): WireError {
  return { status, anthropicType, openaiType, code, message }
}
