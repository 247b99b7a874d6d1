// SPDX-License-Identifier: Apache-2.0
// Second part of sluice-verify: does what stands in the record hold? As independent of Sluice as the first part, which
// proves that nobody changed a byte. 1 entries, 2 what entries say of each other, 3 signed objects, 4 partners' feeds.
// Formats: record.md §2 (docs/formats/record.md), DSSE 1.0.2.
import { isUtf8 } from 'node:buffer'
import crypto from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  Fault,
  hex,
  list,
  openCheckpoint,
  parsePolicy,
  parseVkey,
  publicKey,
  read,
  sha256,
  tampered,
  told,
  walkTree,
  wrongUse,
} from './sluice-verify.mjs'

// ── 1 Entries ───────────────────────────────────────────────────────────────────────────────────────────────────────
const KEYS = ['v', 'k', 'at', 'who', 'about', 'h', 'd', 'prev']
const OPTIONAL = ['h', 'prev']
const KINDS =
  `decision rollup appeal review label safeguard instrument availability grant delegation revocation price report
  statement assessment sync brief digest correction authority key probe drill rehearsal alarm model_refusal`.split(
    /\s+/,
  )
const HASH_NAME = /^sha256:[0-9a-f]{64}$/
const LATENESS_MS = 5000

const shapeOf = (json) => json.replace(/"(?:[^"\\]|\\.)*"/g, '"') // every string becomes one quotation mark
const keysIn = (shape) => (shape.match(/"\s*:/g) ?? []).length

/** JSON as it may be signed: UTF-8, and no key twice. */
export function parseJson(bytes, index) {
  try {
    const text = isUtf8(bytes) ? bytes.toString('utf8') : ''
    const value = JSON.parse(text)
    const shape = shapeOf(text)
    const again = JSON.stringify(value) // holds every key once
    if (again === text || keysIn(shapeOf(again)) === keysIn(shape)) return { value, shape }
  } catch {}
  throw tampered('parse', 'not UTF-8 JSON, or a key stands twice', index)
}

/** One entry by the schema; `latest` is the largest time before it, in milliseconds. */
export function openEntry(bytes, index, latest = -Infinity) {
  const { value, shape } = parseJson(bytes, index)
  const must = (right, what) => {
    if (!right) throw tampered('entry', what, index)
  }
  must(bytes.length <= 4096, 'longer than 4,096 bytes')
  must(shape.startsWith('{') && !/\s/.test(shape), 'not one object without white space')
  const whole = (number) => /^(0|-?[1-9]\d*)$/.test(number) && Number.isSafeInteger(Number(number))
  must((shape.match(/-?\d[\d.eE+-]*/g) ?? []).every(whole), 'holds a number that is no integer')
  const present = KEYS.filter((key) => Object.hasOwn(value, key) || !OPTIONAL.includes(key))
  const order = Object.keys(value).filter((key) => KEYS.includes(key))
  must(order.join() === present.join(), `keys are ${order.join(', ')}: one is missing or out of order`)
  const { v, k, at, who, about, h, d, prev } = value
  must(v === 1 && KINDS.includes(k), 'v is not 1, or k no known kind')
  must(/^\d{4}-/.test(at) && !Number.isNaN(Date.parse(at)), 'at is no time')
  must(new Date(at).toISOString() === at, 'at is not UTC with milliseconds')
  must(/^(authority|system|org):\S+$/.test(who), 'who is not authority:…, system:… or org:…')
  must(typeof about === 'string' && about !== '' && d?.constructor === Object, 'about is no id, or d no object')
  must(prev === undefined || Array.isArray(prev), 'prev is no list')
  const names = [...(Object.hasOwn(value, 'h') ? [h] : []), ...(prev ?? [])]
  must(
    names.every((name) => HASH_NAME.test(name)),
    'h or prev is no sha256:… name',
  )
  must(Date.parse(at) >= latest - LATENESS_MS, 'at is more than 5 s before an earlier entry')
  return value
}

// ── 2 What entries say of each other ────────────────────────────────────────────────────────────────────────────────
const LEAVING_MS = 600_000 // a request keeps the safeguard that it began with
/** When something was so. An entry stands in the log before its effect, but clocks differ: 5 s either way are doubt. */
class Periods {
  #all = []
  set(on, ms) {
    const last = this.#all.at(-1)
    if (on && last?.until !== Infinity) this.#all.push({ from: ms, until: Infinity })
    if (!on && last?.until === Infinity) last.until = ms
  }
  perhaps = (ms) => this.#all.some(({ from, until }) => from - LATENESS_MS <= ms && ms <= until + LEAVING_MS)
  surely = (ms) => this.#all.some(({ from, until }) => from + LATENESS_MS < ms && ms < until - LATENESS_MS)
}

const SERVING = ['shadow', 'canary', 'enforcing']
const STARTS = { emergency: 'own', legal_order: 'legal', retire: 'retired' }
const ENDS = { expire: 'own', end_early: 'own', legal_lift: 'legal' }

/** Reads the entries of a record in order and throws at the first that cannot be; `found` is what is told at the end. */
export class Entries {
  #latest = -Infinity
  #seen = new Set() // leaf hashes so far
  #slots = new Map() // slot → its releases, and when any of them was enforcing
  #suspensions = new Map() // model and cause → when it was off for everybody
  #authorities = [] // of the newest register that is at hand: id and keys of each
  #documents
  #altered
  #found

  constructor(folder, found) {
    const files = list(folder, 'documents').filter((path) => /^[0-9a-f]{64}$/.test(basename(path)))
    this.#documents = new Map(files.map((path) => [`sha256:${basename(path)}`, join(folder, path)]))
    const names = [...this.#documents.keys()]
    this.#altered = new Set(names.filter((name) => `sha256:${hex(sha256(read(this.#documents.get(name))))}` !== name))
    this.#found = Object.assign(found, { entries: {}, documents: { match: 0, elsewhere: 0 }, instruments: 0 })
    this.#found.unsigned = 0
  }

  add(bytes, index, hash) {
    const entry = openEntry(bytes, index, this.#latest)
    const { k, at, h, prev = [] } = entry
    const ms = Date.parse(at)
    this.#latest = Math.max(this.#latest, ms)
    this.#found.entries[k] = (this.#found.entries[k] ?? 0) + 1
    if (this.#altered.has(h)) throw tampered('document', `${this.#documents.get(h)} is not what its name says`, index)
    if (h !== undefined) this.#found.documents[this.#documents.has(h) ? 'match' : 'elsewhere']++
    const stranger = prev.find((name) => !this.#seen.has(name.slice(7)))
    if (stranger !== undefined && this.#found.missing.length === 0)
      throw tampered('entry', `prev names ${stranger}, which is no earlier entry`, index)
    this.#seen.add(hash.toString('hex'))
    if (k === 'safeguard') this.#release(entry, ms)
    if (k === 'availability') this.#suspend(entry, ms)
    if (k === 'decision') this.#decision(entry, index)
    if (k === 'authority') this.#register(entry)
    if (k === 'instrument' && this.#documents.has(h)) this.#instrument(read(this.#documents.get(h)), index)
  }

  end() {
    const [name] = this.#altered
    if (name !== undefined) throw tampered('document', `${this.#documents.get(name)} is not what its name says`)
    const { unsigned } = this.#found
    if (unsigned > 0) this.#found.gaps.push(`no register at hand for the signatures of ${unsigned} instruments`)
  }

  #release({ about, d }, ms) {
    const slot = this.#slots.get(d.slot) ?? {
      since: ms,
      releases: new Map(),
      enforcing: new Set(),
      enforced: new Periods(),
    }
    this.#slots.set(d.slot, slot)
    const release = slot.releases.get(about) ?? { names: new Set([about]), served: new Periods() }
    slot.releases.set(about, release)
    if (d.label !== undefined) release.names.add(d.label)
    release.served.set(SERVING.includes(d.to), ms)
    release.shipped ||= d.move === 'ship'
    release.superseded = d.to === 'superseded'
    slot.enforcing[d.to === 'enforcing' && d.move !== 'ship' ? 'add' : 'delete'](about)
    slot.enforced.set(slot.enforcing.size > 0, ms)
  }

  #suspend({ d }, ms) {
    const cause = STARTS[d.move] ?? ENDS[d.move]
    if (cause === undefined || d.population !== '*') return // a decision does not tell whose it was
    const key = `${d.model} ${cause}`
    const periods = this.#suspensions.get(key) ?? new Periods()
    this.#suspensions.set(key, periods)
    periods.set(STARTS[d.move] !== undefined, ms)
  }

  /** By releases that served then. After a rollback, what was superseded is in force again; what shipped always may be. */
  #decision({ d }, index) {
    const ms = Date.parse(d.decided)
    if (Number.isNaN(ms) || d.safeguards?.constructor !== Object)
      throw tampered('entry', 'a decision without d.decided or d.safeguards', index)
    for (const [name, label] of Object.entries(d.safeguards)) {
      const { since, releases, enforced } = this.#slots.get(name) ?? { since: Infinity }
      if (ms < since) continue
      const again = ({ shipped, superseded }) => shipped || (superseded && !enforced.surely(ms))
      const may = (one) => one.names.has(label) && (one.served.perhaps(ms) || again(one))
      if (![...releases.values()].some(may))
        throw tampered('safeguard', `decided by ${label}, which did not serve in slot ${name} at ${d.decided}`, index)
    }
    for (const cause of ['own', 'legal', 'retired'])
      if (this.#suspensions.get(`${d.served} ${cause}`)?.surely(ms))
        throw tampered('suspension', `served by ${d.served}, which was suspended at ${d.decided}`, index)
  }

  #register({ h, d }) {
    const path = this.#documents.get(h ?? d.hash)
    if (path === undefined) return
    let { value } = parseJson(read(path))
    if (typeof value?.payload === 'string') value = parseJson(Buffer.from(value.payload, 'base64')).value
    const keyOf = (text) => {
      if (!text.startsWith('ed25519:')) return parseVkey(text)
      const raw = Buffer.from(text.slice(8), text.length === 8 + 64 ? 'hex' : 'base64')
      return { raw: hex(raw), key: publicKey(raw) }
    }
    const authorities = value?.authorities ?? (Array.isArray(value) ? value : [])
    this.#authorities = authorities.map(({ id, keys = [] }) => ({ id, keys: keys.map(keyOf) }))
  }

  #instrument(bytes, index) {
    const { type, payload, raws } = openEnvelope(
      bytes,
      this.#authorities.flatMap(({ keys }) => keys),
      0,
      index,
    )
    const { authority } = parseJson(payload, index).value.issuer ?? {}
    const keys = this.#authorities.find(({ id }) => id === authority)?.keys ?? []
    if (type !== 'instrument') throw tampered('payload_type', `the document of an instrument is a ${type}`, index)
    if (this.#authorities.every((one) => one.keys.length === 0)) this.#found.unsigned++
    else if (keys.some(({ raw }) => raws.has(raw))) this.#found.instruments++
    else throw tampered('threshold', `the instrument is not signed by its authority ${authority}`, index)
  }
}

// ── 3 Signed objects ────────────────────────────────────────────────────────────────────────────────────────────────
const TYPES = /^application\/vnd\.sluice\.(record|statement|panel|instrument|root|provider)\+json;v=1$/

/** DSSE: the payload of an envelope that `threshold` different keys of `keys` signed. `keyid` decides nothing. */
export function openEnvelope(bytes, keys, threshold, index) {
  const bytesOf = (text) => {
    if (typeof text !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1)
      throw tampered('decode', 'an envelope has payload, payloadType and signatures, bytes in base64', index)
    return Buffer.from(text, 'base64') // reads both alphabets, padded or not
  }
  const { value } = parseJson(bytes, index)
  const { payload, payloadType: type, signatures } = value ?? {}
  const body = bytesOf(Array.isArray(signatures) && typeof type === 'string' ? payload : null)
  const tried = signatures.map((one) => bytesOf(one?.sig)).slice(0, 16)
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `), body])
  const signs = ({ key }) => tried.some((one) => one.length === 64 && crypto.verify(null, signed, key, one))
  const raws = new Set(keys.filter(signs).map(({ raw }) => raw))
  if (raws.size < threshold) throw tampered('threshold', `${raws.size} of ${threshold} needed keys signed`, index)
  if (!TYPES.test(type)) throw tampered('payload_type', `payload type ${type} is not registered`, index)
  return { type: TYPES.exec(type)[1], payload: body, raws }
}

// ── 4 Partners' feeds ───────────────────────────────────────────────────────────────────────────────────────────────
const POINTER =
  /^\{"t":"(record|statement|panel|instrument)","id":"([^"\\]+)","modified":"\d{4}-[^"\\]+Z","sha256":"([0-9a-f]{64})","len":(\d+)\}$/
const MOST_OBJECT_BYTES = 1 << 20

/** Walks the roots from the pinned one on. Each is signed by its own root keys and by those of the one before. */
function openRoots(folder, pin) {
  const roots = []
  for (let version = 1; version === 1 || existsSync(join(folder, `root/${version}.root.json`)); version++) {
    const bytes = read(join(folder, `root/${version}.root.json`))
    const [before, digest] = [roots.at(-1), hex(sha256(bytes))]
    const must = (right, what) => {
      if (!right) throw tampered('untrusted', `root ${version} ${what}`)
    }
    must(version > 1 || digest === pin, `has SHA-256 ${digest}, not the one given`)
    const { value: root } = parseJson(openEnvelope(bytes, [], 0).payload)
    const roles = Object.entries(root.roles ?? {}).map(([name, { keys, threshold }]) => [
      name,
      keys.map(parseVkey),
      threshold,
    ])
    const signers = Object.fromEntries(roles.map(([name, keys, threshold]) => [name, { keys, threshold }]))
    for (const { root: by } of [signers, before?.signers ?? signers]) {
      must(by?.threshold >= 1 && by.threshold <= by.keys.length, 'has no root keys')
      must(openEnvelope(bytes, by.keys, by.threshold).type === 'root', 'is no root')
    }
    must(
      root.version === version && (root.prev_sha256 ?? null) === (before?.digest ?? null),
      'does not follow the one before',
    )
    const logs = Object.fromEntries(Object.entries(root.logs).map(([level, { vkey }]) => [level, parseVkey(vkey)]))
    const witnesses = root.witness_policy.trim() === '' ? 'quorum none' : root.witness_policy
    const keys = [...roles.flatMap(([, keys]) => keys), ...Object.values(logs), ...parsePolicy(witnesses).witnesses]
    must(new Set(keys.map(({ raw }) => raw)).size === keys.length, 'uses one key in two places')
    roots.push({ ...root, digest, signers, logs, witnesses })
  }
  return roots
}

/** Checks a partner's feed by its pinned first root: roots, notes, tiles, pointers, objects and who signed them. */
export async function verifyFeed(folder, { root: pin }) {
  if (!/^[0-9a-f]{64}$/.test(pin ?? '')) throw wrongUse('--root: the SHA-256 of root/1.root.json, 64 hex digits')
  const roots = openRoots(folder, pin)
  const newest = roots.at(-1)
  const found = { objects: 0, missing: [], gaps: [] }
  /** What a key signed stays valid up to the place where a later root began to reign. */
  const openAs = (role, bytes, level, index = Infinity) => {
    const { keys = [], threshold = 1 } =
      roots.findLast((one) => (one.positions?.[level] ?? 0) <= index).signers[role] ?? {}
    return openEnvelope(bytes, keys, threshold, index === Infinity ? null : index)
  }
  const provider = openAs('publisher', read(join(folder, '.well-known/sluice/provider.json')))
  const openPointer = (place, level, bytes, index) => {
    const [, type, id, name, length] = POINTER.exec(bytes.toString()) ?? []
    if (type === undefined) throw tampered('pointer', 'not a pointer', index)
    const path = join(place, 'objects', name.slice(0, 2), `${name}.json`)
    if (!existsSync(path)) return void found.missing.push(`${path} of entry ${index}`)
    const file = read(path)
    if (file.length > MOST_OBJECT_BYTES || file.length !== Number(length) || hex(sha256(file)) !== name)
      throw tampered('object', `${path} is not what its pointer says`, index)
    const object = openAs(type === 'panel' ? 'evaluator' : 'publisher', file, level, index)
    const { value } = parseJson(object.payload, index)
    if (object.type !== type || value.id !== id || (type === 'record' && value.tlp !== level.toUpperCase()))
      throw tampered('object', `${path} is of another type, id or level than its pointer`, index)
    found.objects++
  }
  const openLevel = (level) => {
    const place = join(folder, level)
    if (!existsSync(place)) return void found.gaps.push(`level ${level} is not here`)
    const policy = parsePolicy(newest.witnesses, [newest.logs[level]])
    const checkpoint = openCheckpoint(read(join(place, 'checkpoint')), policy)
    const onEntry = (bytes, index) => openPointer(place, level, bytes, index)
    const { root } = walkTree(place, checkpoint.size, { onEntry, sizes: [], missing: found.missing })
    if (root !== null && !root.equals(checkpoint.root)) throw tampered('root', 'entries have another root', 0)
    return { level, ...told(checkpoint) }
  }
  const levels = Object.keys(newest.logs).flatMap((level) => {
    try {
      return openLevel(level) ?? []
    } catch (fault) {
      if (fault instanceof Fault) fault.message = `${level}: ${fault.message}`
      throw fault
    }
  })
  if (!(Date.parse(newest.expires) > Date.now())) found.gaps.push(`stale: root ${newest.version} expired`)
  found.gaps.push('schemas and scores of objects, and the age of cosignatures, are not looked at')
  const result = found.missing.length > 0 ? 'incomplete' : 'verified'
  return { result, origin: parseJson(provider.payload).value.name, roots: roots.length, levels, ...found }
}
