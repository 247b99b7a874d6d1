import { wireErrors } from '../core/protocols/wire-errors.ts'
import { hookUnread } from './hook.ts'
import type { Ports, WireReply, WireRequest } from './ports.ts'
import { dialectOf, failure } from './route.ts'

type Head = Pick<WireRequest, 'path' | 'headers'>

/**
 * The answer to a request whose body is not there to be handed on, in its caller's own envelope.
 * @param mostBytes The bound that the body broke, for `body_too_large`.
 */
export function rejected(head: Head, why: keyof typeof errors, mostBytes: number, ports: Ports): WireReply {
  if (why === 'overloaded' && head.path.startsWith('/hooks/')) return hookUnread(head, ports)
  return failure(head, errors[why](head, mostBytes), ports)
}

const errors = {
  body_too_large: (_: Head, mostBytes: number) => wireErrors.bodyTooLarge(sizeOf(mostBytes)),
  content_encoding: () => wireErrors.contentEncoding(),
  body_invalid: () => wireErrors.bodyInvalid('body cannot be read: content-encoding does not match the bytes'),
  overloaded: (head: Head) => wireErrors.overloaded(dialectOf(head)),
} as const

/** As a configuration says it: `12 MiB`, `64 KiB`. */
function sizeOf(bytes: number): string {
  const [size, unit] = bytes < 1024 ** 2 ? [1024, 'KiB'] : [1024 ** 2, 'MiB']
  return `${Number((bytes / Number(size)).toFixed(2))} ${unit}`
}
