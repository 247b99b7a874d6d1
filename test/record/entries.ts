import { leafOf } from './folder.ts'
import { envelope, type Signer, sha256, signer } from './notes.ts'

/** Entries of a small history: a register, a release that takes over a slot, a suspension with its end, and traffic. */
export const DUTY: Signer = signer('duty-safety', 0x31)
export const START_MS = Date.UTC(2026, 5, 12, 9)
export const timeAt = (ms: number): string => new Date(START_MS + ms).toISOString()
export const hashName = (bytes: Buffer): string => `sha256:${sha256(bytes).toString('hex')}`

export const REGISTER = Buffer.from(
  JSON.stringify({ authorities: [{ id: 'duty-safety', keys: [`ed25519:${DUTY.publicKey.toString('base64')}`] }] }),
)
export const instrumentOf = (by: readonly Signer[], authority = 'duty-safety'): Buffer =>
  envelope('instrument', { type: 'emergency_suspend', id: 'INS-2026-0061', issuer: { authority } }, by)
export const INSTRUMENT = instrumentOf([DUTY])
/** Stands for what no entry may hold: the answer of a request, kept outside of the log. */
export const RECEIPT = Buffer.from('{"v":1,"id":"dec_1","salt":"00"}')

export interface Facts {
  readonly k: string
  readonly ms: number
  readonly about?: string
  readonly h?: string
  readonly d?: Readonly<Record<string, unknown>>
  readonly prev?: readonly string[]
}

/** The bytes of one entry, keys in order. */
export function entry({ k, ms, about = 'x-1', h, d = {}, prev }: Facts): Buffer {
  const head = { v: 1, k, at: timeAt(ms), who: 'system:gateway', about }
  return Buffer.from(
    JSON.stringify({ ...head, ...(h === undefined ? {} : { h }), d, ...(prev === undefined ? {} : { prev }) }),
  )
}

/** A decision decided at `ms` by `release` of the cyber slot, served by `model`. */
export const decision = (n: number, ms: number, release = 'cyber-1', model = 'model-a', h?: string): Buffer => {
  const d = {
    ...{ action: 'fall_back', would: 'fall_back', mode: 'enforce', reasons: ['harm.cyber'], category: 'cyber' },
    ...{ decided: timeAt(ms), safeguards: { cyber: release }, asked: 'model-f', served: model },
    ...{ skipped: [], unavailable: [], org: `hmac-sha256:${sha256(`org ${n}`).toString('hex')}` },
  }
  return entry({ k: 'decision', ms, about: `dec_${n}`, h: h ?? hashName(Buffer.from(`receipt ${n}`)), d })
}

/** What ships enters its slot by itself. */
export const shipped = (ms: number): Buffer =>
  entry({ k: 'safeguard', ms, about: 'shipped', d: { move: 'ship', from: 'none', to: 'enforcing', slot: 'cyber' } })

export const move = (ms: number, about: string, from: string, to: string): Buffer =>
  entry({ k: 'safeguard', ms, about, d: { move: to, from, to, slot: 'cyber', label: about } })

export const availability = (ms: number, name: string, population = '*'): Buffer =>
  entry({
    k: 'availability',
    ms,
    about: 'model-f',
    d: { model: 'model-f', population, move: name, from: 'x', to: 'y' },
  })

/** `size` entries, one a second: what happened first, then decisions, with an appeal now and then. */
export function history(size: number): readonly Buffer[] {
  const entries: Buffer[] = [
    entry({
      k: 'authority',
      ms: 0,
      about: 'register',
      h: hashName(REGISTER),
      d: { version: 1, hash: hashName(REGISTER) },
    }),
    shipped(500),
    decision(2, 1000, 'shipped', 'model-f', hashName(RECEIPT)),
    move(2000, 'cyber-1', 'review', 'shadow'),
    move(10_000, 'cyber-1', 'shadow', 'canary'),
    decision(4, 20_000, 'cyber-1'),
    move(30_000, 'cyber-1', 'canary', 'enforcing'),
    entry({
      k: 'instrument',
      ms: 40_000,
      about: 'INS-2026-0061',
      h: hashName(INSTRUMENT),
      d: { type: 'emergency_suspend' },
    }),
    availability(41_000, 'emergency'),
  ]
  for (let n = entries.length; n < size; n++) {
    const ms = 60_000 + n * 1000
    const appealed = entries.at(-1)!
    if (n % 50 === 0)
      entries.push(entry({ k: 'appeal', ms, about: `apl_${n}`, prev: [`sha256:${leafOf(appealed).toString('hex')}`] }))
    else entries.push(decision(n, ms))
  }
  return entries.slice(0, size)
}
