import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Dispatcher } from 'undici'
import { type FeedSource, FeedSourceError } from '../../jobs/feed/ports.ts'
import { LargeFileError, readWhole } from './whole-file.ts'

const require = createRequire(import.meta.url)

/** A source that counts what it gave, and can be let go. */
export interface CountedSource extends FeedSource {
  readonly count: SourceCount
  close(): Promise<void>
}

export interface SourceCount {
  requests: number
  /** Of bodies; of files that are not there, none. */
  bytes: number
}

export interface SourceOptions {
  /** Sent as a bearer token: levels that are not open ask for one. Never written down. */
  readonly token?: string | null
  readonly timeoutMs?: number
  /** Aborted: whatever is being read ends, and nothing more is. */
  readonly signal?: AbortSignal
}

const TIMEOUT_MS = 30_000
/** Paths are made here and never by a partner: small letters, digits and what tiles are named with. */
const PATH = /^[a-z0-9.][a-zA-Z0-9._-]*(?:\/[a-zA-Z0-9._-]+)*$/

/**
 * Where a partner's files are: a folder, `file:` or `https:`; `http:` on loopback only. No redirect is followed.
 * @throws {FeedSourceError} `refused`: another kind of address.
 */
export function openSource(address: string, options: SourceOptions = {}): CountedSource {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(address)) return folderSource(resolve(address), options)
  let url: URL
  try {
    url = new URL(address)
  } catch (cause) {
    throw new FeedSourceError('refused', 'address: cannot be read; give a folder, file: or https:', { cause })
  }
  if (url.protocol === 'file:') return folderSource(fileURLToPath(url), options)
  if (url.username !== '' || url.password !== '')
    throw new FeedSourceError('refused', 'address: holds a password; give a token instead')
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
    return webSource(url, options)
  throw new FeedSourceError('refused', 'address: wanted a folder, file: or https:, or http: on this machine')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function folderSource(folder: string, { signal }: SourceOptions): CountedSource {
  const count: SourceCount = { requests: 0, bytes: 0 }
  return {
    count,
    async read(path, mostBytes) {
      assertPath(path)
      count.requests++
      try {
        signal?.throwIfAborted()
        const bytes = await readWhole(join(folder, path), mostBytes)
        count.bytes += bytes?.length ?? 0
        return bytes
      } catch (cause) {
        if (cause instanceof LargeFileError) throw new FeedSourceError('too_large', cause.message, { cause })
        throw new FeedSourceError('unreachable', `\`${path}\`: cannot be read`, { cause })
      }
    },
    close: () => Promise.resolve(),
  }
}

function webSource(base: URL, { token = null, timeoutMs = TIMEOUT_MS, signal }: SourceOptions): CountedSource {
  const count: SourceCount = { requests: 0, bytes: 0 }
  // Loaded where a feed is asked for over HTTP: a start asks for none.
  const { Pool } = require('undici') as typeof import('undici')
  const pool = new Pool(base.origin, {
    connections: 8,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  const prefix = base.pathname.replace(/\/+$/, '')
  const headers = { accept: '*/*', ...(token === null ? {} : { authorization: `Bearer ${token}` }) }
  return {
    count,
    async read(path, mostBytes) {
      assertPath(path)
      count.requests++
      let answer: Dispatcher.ResponseData
      try {
        answer = await pool.request({
          ...{ method: 'GET', path: `${prefix}/${path}`, headers },
          ...(signal === undefined ? {} : { signal }),
        })
      } catch (cause) {
        throw new FeedSourceError('unreachable', `${base.origin}: does not answer`, { cause })
      }
      const { statusCode, body } = answer
      if (statusCode === 200) {
        const bytes = await bodyOf(path, body, mostBytes)
        count.bytes += bytes.length
        return bytes
      }
      await body.dump()
      if (statusCode === 404 || statusCode === 410) return null
      const moved = statusCode >= 300 && statusCode < 400
      throw new FeedSourceError(
        moved ? 'refused' : 'unreachable',
        `\`${path}\`: answered ${statusCode}${moved ? '; redirects are not followed, give the address itself' : ''}`,
      )
    },
    close: () => pool.close(),
  }
}

async function bodyOf(path: string, body: Dispatcher.ResponseData['body'], mostBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for await (const part of body as AsyncIterable<Uint8Array>) {
      length += part.length
      if (length > mostBytes) {
        body.destroy()
        throw new FeedSourceError('too_large', `\`${path}\`: more than ${mostBytes} bytes`)
      }
      parts.push(part)
    }
  } catch (cause) {
    if (cause instanceof FeedSourceError) throw cause
    throw new FeedSourceError('unreachable', `\`${path}\`: its answer was cut`, { cause })
  }
  return new Uint8Array(Buffer.concat(parts))
}

function assertPath(path: string): void {
  if (!PATH.test(path) || path.includes('..')) throw new FeedSourceError('refused', 'path: not one of a feed')
}
