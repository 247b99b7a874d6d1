import type { IncomingMessage } from 'node:http'

/**
 * Why a head is refused before it is a request of any protocol, or null. Node's parser has refused what is not HTTP; this
 * refuses what HTTP allows and two servers in a row may read differently (threats.md T29, T31): an authority or a path of
 * the caller's making, framing in other spellings, a body where none belongs, a text in another character set.
 */
export function headFault({ method, url = '', httpVersion, headers }: IncomingMessage): string | null {
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
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1]
  if (charset !== undefined && !UTF8.has(charset.toLowerCase())) return 'the body must be UTF-8'
  return null
}

/** `.` or `..` between separators, spelled out or encoded: whoever resolves it reads another path than we do. */
const DOT_SEGMENT = /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\;]|%2f|%5c|%3b|$)/i
/** Servers that turn `_` into `-` would take these for headers that Sluice reads, removes or writes. */
const READ_HERE =
  /^(?:content-|transfer-encoding$|accept-encoding$|x-sluice-|x-api-key$|anthropic-|openai-|proxy-|keep-alive$)/
const CHARSET = /;\s*charset\s*=\s*["']?([^"';,\s]*)/i
const UTF8: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii'])
