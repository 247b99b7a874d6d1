import type { IncomingMessage } from 'node:http'

/**
 * Why a head is refused before it is a request of any protocol, or null. Node's parser has refused what is not HTTP; this
 * refuses what HTTP allows and two servers in a row may read differently (threats.md T29, T31): an authority or a path of
 * the caller's making, framing in other spellings, a body where none belongs, a text in another character set.
 */
export function headFault({ method, url = '', httpVersion, headers }: IncomingMessage): string | null {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'the version must be HTTP/1.1 or HTTP/1.0'
  if (!url.startsWith('/')) return 'the request target must be a path'
  const path = url.split('?', 1)[0]!
  if (url.includes('#') || DOT_SEGMENT.test(path.replace(/%(25)+/g, '%'))) return 'the path must be written plainly'
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return 'the only transfer-encoding is `chunked`'
  if (coding !== undefined && httpVersion === '1.0') return 'HTTP/1.0 has no transfer-encoding'
  if (headers.host?.includes(',')) return 'more than one host'
  const bodiless = method === 'GET' || method === 'HEAD'
  if (bodiless && (coding !== undefined || Number(headers['content-length'] ?? 0) > 0)) return 'GET takes no body'
  for (const name in headers)
    if (name.includes('_') && READ_HERE.test(name.replaceAll('_', '-'))) return 'a header name holds an underscore'
  for (const name of ONE_VALUE) if (headers[name]?.includes(',')) return `more than one ${name}`
  if (headers.connection?.split(',').some((name) => END_TO_END.test(name.trim())))
    return 'the connection header names a header of the message'
  for (const [, rest] of (headers['content-type'] ?? '').matchAll(CHARSET))
    if (!UTF8.test(rest!)) return 'the body must be UTF-8'
  return null
}

/** `.` or `..` between separators, spelled out or encoded: whoever resolves it reads another path than we do. */
const DOT_SEGMENT = /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\;]|%2f|%5c|%3b|$)/i
/** Servers that turn `_` into `-` would take these for headers that Sluice reads, removes or writes. */
const READ_HERE =
  /^(?:content-|transfer-encoding$|accept-encoding$|x-sluice-|x-api-key$|anthropic-|openai-|proxy-|keep-alive$)/
/** Joined by a comma when they are repeated: one server takes the first, another the last. */
const ONE_VALUE = ['content-type', 'authorization', 'x-api-key', 'x-sluice-key'] as const
/** What a caller declares to concern one connection does not go upstream: these say what the bytes mean, or whose they are. */
const END_TO_END = /^(?:content-|authorization$|x-api-key$|x-sluice-|anthropic-|openai-)/i
/** Every one that is there: the second of two counts for somebody. */
const CHARSET = /(?<![\w-])charset([^;,]*)/gi
const UTF8 = /^\s*=\s*["']?(?:utf-?8|(?:us-)?ascii)["']?\s*$/i
