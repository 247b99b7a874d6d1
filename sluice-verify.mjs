#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// sluice-verify: has anybody changed this record, and can what it says be so? Needs Node 20 and nothing else, no network, and
// shares no code with Sluice. From top to bottom: 1 faults, 2 hashes, 3 notes and policy, 4 tiles and tree; 5 entries, 6 what
// entries say of each other, 7 signed objects, 8 partners' feeds; 9 a record folder, 10 a proof, 11 the command. Formats:
// RFC 6962; C2SP signed-note, tlog-tiles, tlog-checkpoint, tlog-cosignature, tlog-policy, tlog-proof; record.md §2
// (docs/formats/record.md), DSSE 1.0.2.
import { isUtf8 } from 'node:buffer'
import crypto from 'node:crypto'
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

// ── 1 Faults ────────────────────────────────────────────────────────────────────────────────────────────────────────
const EXIT = { verified: 0, tampered: 1, usage: 2, incomplete: 4 }
/** `result` is one of the above; `index` is the first entry concerned, null where none can be named. */
class Fault extends Error {
  constructor(result, code, message, index = null) {
    Object.assign(super(message), { result, code, index })
  }
}
const tampered = (code, message, index) => new Fault('tampered', code, message, index)
const wrongUse = (message) => new Fault('usage', 'usage', message)
/** What is not here may exist elsewhere, so it is not called tampering. */
function read(path) {
  if (!existsSync(path)) throw new Fault('incomplete', 'missing', `${path} is not here`)
  return readFileSync(path)
}

// ── 2 Hashes ────────────────────────────────────────────────────────────────────────────────────────────────────────
const HASH = 32
const hex = (bytes) => bytes.toString('hex')
const sha256 = crypto.hash // from Node 20.12 on, in one call
  ? (bytes) => crypto.hash('sha256', bytes, 'buffer')
  : (bytes) => crypto.createHash('sha256').update(bytes).digest()

const pair = Buffer.alloc(1 + 2 * HASH, 0x01) // one buffer for every node: 0x01 || left || right
function nodeHash(left, right) {
  left.copy(pair, 1)
  right.copy(pair, 1 + HASH)
  return sha256(pair)
}

const EMPTY = sha256(Buffer.alloc(0))
/** Where a tree of `size` leaves splits: at the largest power of two below it. */
const splitOf = (size, left = 1) => (left * 2 < size ? splitOf(size, left * 2) : left)

/** Root over leaves [from, to), whose hashes stand one after the other in `hashes`. */
export function rootOf(hashes, from = 0, to = hashes.length / HASH) {
  if (to === from) return EMPTY
  if (to - from === 1) return hashes.subarray(from * HASH, to * HASH)
  const middle = from + splitOf(to - from)
  return nodeHash(rootOf(hashes, from, middle), rootOf(hashes, middle, to))
}

/** The root that a leaf's hash and its proof (the leaf's sibling first) lead to; null when the proof does not fit. */
export function rootFromProof(hash, index, size, proof) {
  if (size <= 1) return index === 0 && size === 1 && proof.length === 0 ? hash : null
  if (proof.length === 0) return null
  const left = splitOf(size)
  const [rest, sibling] = [proof.slice(0, -1), proof.at(-1)]
  const inner = index < left ? [index, left, rest] : [index - left, size - left, rest]
  const root = rootFromProof(hash, ...inner)
  return root && (index < left ? nodeHash(root, sibling) : nodeHash(sibling, root))
}

// ── 3 Notes and policy ──────────────────────────────────────────────────────────────────────────────────────────────
/** Canonical standard base64 only: a flipped unused bit would otherwise go unseen. */
function base64(text, what) {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw tampered('malformed', `${what}: base64 is not canonical`)
  return bytes
}

const SPKI = Buffer.from('302a300506032b6570032100', 'hex') // what DER puts before an Ed25519 public key (RFC 8410)
const publicKey = (raw) => crypto.createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })

/** `<name>+<key id>+<base64 of type || public key>`; type 1 signs notes, type 4 cosigns with a time. */
export function parseVkey(text = '') {
  const [, name, id, rest] = /^([^+\s]+)\+([0-9a-f]{8})\+([^\s=]{44})$/.exec(text) ?? []
  if (name === undefined) throw wrongUse(`\`${text}\` is not a verifier key: name+id+base64`)
  const bytes = base64(rest, `verifier key of ${name}`)
  if (hex(sha256(Buffer.concat([Buffer.from(`${name}\n`), bytes]))).slice(0, 8) !== id)
    throw wrongUse(`verifier key of ${name}: the id is not that of the key (vkey_id_mismatch)`)
  return { name, id, type: bytes[0], raw: hex(bytes.subarray(1)), key: publicKey(bytes.subarray(1)) }
}

/** Checks every signature line of a known key. One that does not verify rejects the note, and so does none at all. */
export function openNote(bytes, keys, file = 'note') {
  const text = bytes.toString('utf8')
  const cut = text.lastIndexOf('\n\n')
  const body = text.slice(0, cut + 1)
  const lines = text.slice(cut + 2).split('\n')
  const plain = isUtf8(bytes) && !bytes.some((byte) => byte < 0x20 && byte !== 0x0a)
  if (!plain || cut < 0 || lines.pop() !== '' || lines.length < 1 || lines.length > 64)
    throw tampered('malformed', `${file}: text, an empty line and 1 to 64 signature lines expected`)
  const signers = new Map() // known key → time of its cosignature, null for a plain signature
  let unknown = 0
  for (const line of lines) {
    const [, name, encoded] = /^— ([^+\s]+) (\S+)$/.exec(line) ?? []
    if (name === undefined) throw tampered('malformed', `${file}: a signature line is not \`— name base64\``)
    const signature = base64(encoded, `${file}: signature of ${name}`)
    const known = keys.find((one) => one.name === name && one.id === hex(signature.subarray(0, 4)))
    const rightLength = signature.length === (known?.type === 4 ? 76 : 68)
    const time = known?.type === 4 && rightLength ? signature.readBigUInt64BE(4) : null
    const signed = Buffer.from(time === null ? body : `cosignature/v1\ntime ${time}\n${body}`)
    if (known === undefined) unknown++
    else if (rightLength && crypto.verify(null, signed, known.key, signature.subarray(-64))) signers.set(known, time)
    else throw tampered('bad_signature', `${file}: signature of ${name} does not verify`)
  }
  if (signers.size === 0) throw tampered('no_known_key', `${file}: no signature by a key of the policy`)
  return { body, signers, unknown }
}

/** C2SP tlog-policy: lines `log`, `witness`, `group`, and one `quorum`; `met` says whether it is met by who signed. */
export function parsePolicy(text, logs = []) {
  const members = new Map() // name → { key } of a witness, { need, of } of a group
  const used = new Set(logs.map(({ raw }) => raw)) // public keys, and members of groups: each counts once
  const once = (what) => !used.has(what) && used.add(what)
  let quorum
  for (const line of text.split('\n').filter((one) => !/^\s*(#|$)/.test(one))) {
    const [word, name, value, ...of] = line.trim().split(/\s+/)
    const key = word === 'log' ? parseVkey(name) : word === 'witness' ? parseVkey(value) : null
    const need = value === 'all' ? of.length : value === 'any' ? 1 : Number(value)
    const fresh = name !== 'none' && !members.has(name)
    const free = (one) => members.has(one) && once(`member ${one}`)
    let good = false
    if (word === 'log') good = key.type === 1 && once(key.raw) && logs.push(key)
    if (word === 'witness') good = fresh && key.type === 4 && once(key.raw) && members.set(name, { key })
    if (word === 'group')
      good =
        fresh && need > 0 && need <= of.length && need % 1 === 0 && of.every(free) && members.set(name, { need, of })
    if (word === 'quorum') good = quorum === undefined && (name === 'none' || members.has(name)) && (quorum = name)
    if (!good) throw wrongUse(`policy: \`${line}\` is not understood, or uses a name twice or before it is defined`)
  }
  if (quorum === undefined) throw wrongUse('policy: no quorum line')
  const meets = (name, signers) => {
    const { key, need, of } = members.get(name)
    return key ? signers.has(key) : of.filter((one) => meets(one, signers)).length >= need
  }
  const witnesses = [...members.values()].flatMap(({ key }) => key ?? [])
  return { logs, witnesses, met: (signers) => quorum === 'none' || meets(quorum, signers) }
}

/** A checkpoint signed by a log of the policy. `quorum`: whether its witnesses suffice; where it is `needed`, they must. */
export function openCheckpoint(bytes, policy, file = 'checkpoint', needed = true) {
  const { body, signers, unknown } = openNote(bytes, [...policy.logs, ...policy.witnesses], file)
  const [, origin, digits, encoded] = /^([^\n]+)\n(0|[1-9]\d{0,14})\n([^\n=]{43}=)\n$/.exec(body) ?? []
  if (origin === undefined) throw tampered('malformed', `${file}: origin, size without leading zeros, root expected`)
  const log = policy.logs.find(({ name }) => name === origin)
  if (log === undefined) throw tampered('unknown_origin', `${file}: \`${origin}\` is no log of the policy`)
  if (!signers.has(log)) throw tampered('no_known_key', `${file}: not signed by its log \`${origin}\``)
  const witnesses = [...signers].flatMap(([{ name }, time]) => (time === null ? [] : { name, time: Number(time) }))
  const quorum = policy.met(signers)
  if (needed && !quorum) throw tampered('quorum', `${file}: quorum not met, cosigned by ${witnesses.length} witnesses`)
  return { origin, size: Number(digits), root: base64(encoded, `${file}: root`), witnesses, quorum, unknown }
}
const told = ({ origin, size, root, witnesses }) => ({ origin, size, root: hex(root), witnesses })

// ── 4 Tiles and tree ────────────────────────────────────────────────────────────────────────────────────────────────
const WIDTH = 256
/** 1234067 → `x001/x234/067`. */
export const tileNumber = (n) => `${n}`.padStart(Math.ceil(`${n}`.length / 3) * 3, '0').replace(/\d{3}(?=\d)/g, 'x$&/')

/** Paths of all files under `folder/inner`, relative to `folder`. */
function list(folder, inner) {
  if (!existsSync(join(folder, inner))) return []
  const found = readdirSync(join(folder, inner), { withFileTypes: true })
  return found.flatMap((one) => (one.isDirectory() ? list(folder, `${inner}/${one.name}`) : `${inner}/${one.name}`))
}

/** The entries of a bundle, as leaf hashes (`bytes`) and places where each ends (`ends`, from 0 on), up to a `fault`. */
function openBundle({ file, width: wanted, bytes }, first) {
  const ends = [0]
  const leaves = Buffer.allocUnsafe(wanted * HASH)
  for (let i = 0; i < wanted; i++) {
    const head = ends[i] + 1
    const end = head < bytes.length ? head + 1 + bytes.readUInt16BE(head - 1) : Infinity
    if (end > bytes.length) break
    const low = bytes[head]
    bytes[head] = 0x00 // the low byte of the length stands in for the 0x00 before a leaf, for a moment
    sha256(bytes.subarray(head, end)).copy(leaves, i * HASH)
    bytes[head] = low
    ends.push(end)
  }
  const width = ends.length - 1
  const exact = width === wanted && ends[width] === bytes.length
  const fault = exact ? null : tampered('bundle', `${file} is cut off or too long`, first + Math.min(width, wanted - 1))
  return { file, width, bytes: leaves.subarray(0, width * HASH), source: bytes, ends, fault }
}

/**
 * Walks a tree of `size` leaves in order: every entry must hash to its place in each level-0 tile, every tile to its place
 * in the level above, partial files of earlier sizes included. `onEntry(bytes, index, hash)` sees each entry,
 * `onRoot(root, i)` the root at `sizes[i]` (ascending, from 1 on). `missing` collects what is not here.
 * @returns the root, or null when of some place neither tile nor bundle is here, and the files that no place needed.
 */
function walkTree(folder, size, { onEntry, onRoot, sizes, missing }) {
  const unread = new Set(list(folder, 'tile'))
  let first = 0 // of the entries under the level-0 tile at hand
  const filesOf = (level, n, needed) => {
    const path = `tile/${level}/${tileNumber(n)}`
    const widthOf = (file) => (file === path ? WIDTH : Number(/\.p\/([1-9]\d{0,2})$/.exec(file)?.[1]))
    const names = [path, ...list(folder, `${path}.p`)].filter((file) => widthOf(file) && unread.delete(file))
    const found = names.map((file) => ({ file, width: widthOf(file), bytes: readFileSync(join(folder, file)) }))
    found.sort((a, b) => b.width - a.width)
    if (!(found[0]?.width >= needed)) missing.push(needed === WIDTH ? path : `${path}.p/${needed}`)
    return found
  }
  /** Every file of a place must hold, as far as both go, the hashes that belong there. */
  const compare = (level, n, hashes, files) => {
    for (const { file, width, bytes } of files) {
      const shared = Math.min(width * HASH, hashes.length)
      let at = 0
      while (at < shared && bytes[at] === hashes[at]) at++
      if (at === shared && bytes.length === width * HASH) continue
      const index = (n * WIDTH + Math.floor(Math.min(at, shared - 1) / HASH)) * WIDTH ** level
      throw tampered('tile', `${file} does not agree with the ${level === 0 ? 'entries' : 'tiles below it'}`, index)
    }
    return hashes
  }
  const rows = [] // rows[l]: hashes of level l that stand in no full tile yet
  const close = (level) => {
    const n = Math.floor(first / WIDTH ** (level + 1))
    const hashes = Buffer.concat(rows[level].splice(0))
    return compare(level, n, hashes, filesOf(level, n, hashes.length / HASH))
  }
  const rise = (level, hash) => {
    rows[level] ??= []
    if (rows[level].push(hash) === WIDTH) rise(level + 1, rootOf(close(level)))
  }
  /** A row is a list of perfect subtrees; what stands right of it, of lower levels, is one more, smaller one. */
  const rootWith = (leaves) =>
    [[leaves], ...rows.slice(1)].reduce((right, row) => {
      const hashes = Buffer.concat([...row, right])
      return hashes.length === 0 ? right : rootOf(hashes)
    }, Buffer.alloc(0))

  let [waiting, leaves] = [0, Buffer.alloc(0)]
  for (let n = 0; n * WIDTH < size; n++) {
    first = n * WIDTH
    const width = Math.min(WIDTH, size - first)
    const tiles = filesOf(0, n, width)
    const bundles = filesOf('entries', n, width).map((file) => openBundle(file, first))
    const widest = [...bundles, ...tiles].find((one) => one.width >= width)
    leaves = widest?.bytes.subarray(0, width * HASH)
    if (widest !== undefined) compare(0, n, leaves, [...tiles, ...bundles])
    for (const { fault } of bundles) if (fault !== null) throw fault
    if (widest === undefined) return { root: null, unread }
    for (let i = 0; i < width && widest.ends !== undefined; i++)
      onEntry(widest.source.subarray(widest.ends[i] + 2, widest.ends[i + 1]), first + i, rootOf(leaves, i, i + 1))
    for (; sizes[waiting] <= first + width; waiting++)
      onRoot(rootWith(leaves.subarray(0, (sizes[waiting] - first) * HASH)), waiting)
    if (width < WIDTH) continue
    rise(1, rootOf(leaves))
    leaves = Buffer.alloc(0)
  }
  const root = size === 0 ? rootOf(leaves) : rootWith(leaves)
  for (const [level, row] of rows.entries()) if (row?.length > 0) close(level)
  return { root, unread }
}

// ── 5 Entries ───────────────────────────────────────────────────────────────────────────────────────────────────────
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

// ── 6 What entries say of each other ────────────────────────────────────────────────────────────────────────────────
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
class Entries {
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

// ── 7 Signed objects ────────────────────────────────────────────────────────────────────────────────────────────────
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

// ── 8 Partners' feeds ───────────────────────────────────────────────────────────────────────────────────────────────
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

// ── 9 A record folder ───────────────────────────────────────────────────────────────────────────────────────────────
/** Signed checkpoints of earlier: those kept in the folder, and those of `against`, a file or an older copy. */
function keptCheckpoints(folder, against, policy, latest) {
  const keptIn = (place) => list(place, 'checkpoints').flatMap((path) => (/\d$/.test(path) ? join(place, path) : []))
  const isCopy = against !== undefined && existsSync(join(against, 'checkpoint'))
  const older = isCopy ? [join(against, 'checkpoint'), ...keptIn(against)] : against === undefined ? [] : [against]
  const opened = [...keptIn(folder), ...older].map((path) => {
    const kept = { path, ...openCheckpoint(read(path), policy, path, false) }
    const named = basename(dirname(path)) === 'checkpoints' ? basename(path) : `${kept.size}`
    if (kept.origin !== latest.origin || named !== `${kept.size}`)
      throw tampered('malformed', `${path}: of another log, or not of the size in its name`)
    if (!kept.quorum && kept.unknown > 0) throw tampered('quorum', `${path}: signed by a stranger, quorum not met`)
    if (kept.size > latest.size)
      throw tampered('rollback', `${path} signs ${kept.size} entries, the checkpoint only ${latest.size}`, latest.size)
    if (kept.size === 0 && !kept.root.equals(EMPTY)) throw tampered('root', `${path}: not the empty tree`, 0)
    return kept
  })
  return opened.filter(({ size }) => size > 0).sort((a, b) => a.size - b.size)
}

/** Checks a record folder. `fast` leaves out what entries say and the documents. @returns what it found. */
export async function verifyFolder(folder, { policy: policyFile, against, fast = false } = {}) {
  const policyBytes = read(policyFile ?? join(folder, 'log.policy'))
  const policy = parsePolicy(policyBytes.toString())
  const checkpoint = openCheckpoint(read(join(folder, 'checkpoint')), policy)
  const kept = keptCheckpoints(folder, against, policy, checkpoint)
  const found = { missing: [], gaps: [] }
  const entries = fast ? null : new Entries(folder, found)
  let [agreed, split] = [0, null] // the size up to which kept checkpoints agree, and the first that does not
  const onEntry = (bytes, index, hash) => split ?? entries?.add(bytes, index, hash)
  const onRoot = (here, i) => {
    if (kept[i].root.equals(here)) agreed = split ? agreed : kept[i].size
    else split ??= { ...kept[i], here }
  }
  const watch = { onEntry, onRoot, sizes: kept.map(({ size }) => size), missing: found.missing }
  let walked = null
  try {
    walked = walkTree(folder, checkpoint.size, watch)
  } catch (fault) {
    if (split === null || !(fault instanceof Fault)) throw fault // else the earlier fault is the one to name
  }
  const whole = walked?.root?.equals(checkpoint.root)
  if (split !== null) {
    const what = `${split.path} signs root ${hex(split.root)} for ${split.size} entries, those here have ${hex(split.here)}`
    throw tampered(whole ? 'fork' : 'root', whole ? `the log signed two histories: ${what}` : what, agreed)
  }
  if (walked.root !== null && !whole)
    throw tampered('root', `the checkpoint signs ${hex(checkpoint.root)}, entries have ${hex(walked.root)}`, agreed)
  entries?.end()
  const unwitnessed = kept.filter(({ quorum }) => !quorum).length
  const [beyond] = walked.unread
  if (beyond !== undefined) found.gaps.push(`beyond the checkpoint: ${walked.unread.size} files, first ${beyond}`)
  if (unwitnessed > 0) found.gaps.push(`kept checkpoints without their witnesses: ${unwitnessed}`)
  if (policyFile === undefined) found.gaps.push('the policy came with the folder: compare its hash, or give --policy')
  const result = found.missing.length > 0 ? 'incomplete' : 'verified'
  return { result, ...told(checkpoint), policy: hex(sha256(policyBytes)), kept: kept.length, ...found }
}

// ── 10 A proof ───────────────────────────────────────────────────────────────────────────────────────────────────────
const PROOF = /^c2sp\.org\/tlog-proof@v1\n(?:extra [^\n]*\n)?index (0|[1-9]\d{0,14})\n((?:[^\n=]{43}=\n){0,63})\n(.*)$/s

/** Checks one `.tlog-proof` with the entry and the policy that lie beside it. `extra` is not read. */
export async function verifyProof(file, { policy: policyFile, entry: entryFile } = {}) {
  const stem = file.replace(/\.tlog-proof$/, '')
  const beside = (...names) => names.find((name) => existsSync(name)) ?? names[0]
  const policyBytes = read(policyFile ?? beside(`${stem}.policy`, join(dirname(file), 'log.policy')))
  const bytes = read(entryFile ?? beside(`${stem}.entry`, `${stem}.json`, stem))
  const [, digits, hashes, note] = PROOF.exec(read(file).toString()) ?? []
  if (digits === undefined) throw tampered('malformed', `${file}: not a tlog-proof`)
  const index = Number(digits)
  const checkpoint = openCheckpoint(Buffer.from(note), parsePolicy(policyBytes.toString()))
  const proof = (hashes.match(/.+/g) ?? []).map((line) => base64(line, 'proof'))
  const leaf = sha256(Buffer.concat([Buffer.of(0x00), bytes]))
  if (!rootFromProof(leaf, index, checkpoint.size, proof)?.equals(checkpoint.root))
    throw tampered('proof', 'entry and proof do not lead to the root of the checkpoint', index)
  const entry = bytes.toString().startsWith('{"v":') ? openEntry(bytes, index) : JSON.parse(bytes)
  const gaps = ['one entry is proven; what stands before and after it is not looked at']
  return { result: 'verified', ...told(checkpoint), policy: hex(sha256(policyBytes)), index, entry, gaps }
}

// ── 11 The command ───────────────────────────────────────────────────────────────────────────────────────────────────
const USAGE = `usage: sluice-verify FOLDER | FILE.tlog-proof | FEED --root SHA256
  --policy FILE    keys of the log and its witnesses (default: what lies in the folder, or beside the proof)
  --against PATH   a kept checkpoint or an older copy of the folder, which this one must continue
  --entry FILE     the entry of a proof (default: beside it, ending in .entry or .json)
  --fast           signatures, tiles and hashes only        --json   the result as JSON
exit: 0 verified, 1 tampered (the first bad entry is named), 2 usage, 4 incomplete (what is missing is named)`

/** The result as lines for a person. */
function lines(outcome) {
  const { result, origin, size, root, index, entry, message, ...more } = outcome
  const { witnesses = [], missing = [], gaps = [], code, ...others } = more
  const place = index?.toLocaleString('en')
  if (message !== undefined) return [`${result}: ${place === undefined ? '' : `entry ${place}: `}${message}`]
  const seen = `${witnesses.length} witness${witnesses.length === 1 ? '' : 'es'}`
  const count = size?.toLocaleString('en')
  const head = entry
    ? `${entry.k ?? entry.t} ${entry.about ?? entry.id} is entry ${place} of ${count}, ${seen}`
    : `${result}: ${origin}${size === undefined ? '' : `, ${count} entries, ${seen}`}`
  const when = witnesses.map(({ name, time }) => `  seen by ${name} at ${new Date(time * 1000).toISOString()}`)
  const facts = Object.entries({ root, entry, ...others }).filter(([, value]) => value !== undefined)
  const rest = facts.map(([name, value]) => `  ${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
  return [head, ...when, ...rest, ...missing.map((one) => `missing: ${one}`), ...gaps.map((one) => `gap: ${one}`)]
}

async function main(args) {
  let outcome
  try {
    const [text, flag] = [{ type: 'string' }, { type: 'boolean' }]
    const options = { policy: text, against: text, entry: text, root: text, fast: flag, json: flag }
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
    const [path, ...others] = positionals
    if (path === undefined || others.length > 0) throw wrongUse('one folder or proof expected')
    if (path.endsWith('.tlog-proof')) outcome = await verifyProof(path, values)
    else if (values.root === undefined) outcome = await verifyFolder(path, values)
    else outcome = await verifyFeed(path, values)
  } catch (error) {
    const fault = error.code?.startsWith('ERR_PARSE_ARGS') ? wrongUse(error.message) : error
    if (!(fault instanceof Fault)) throw fault
    const { result, code, index, message } = fault
    outcome = { result, code, index, message }
  }
  const text = args.includes('--json') ? JSON.stringify(outcome) : lines(outcome).join('\n')
  if (outcome.result === 'usage') process.stderr.write(`${text}\n${USAGE}\n`)
  else process.stdout.write(`${text}\n`)
  process.exitCode = EXIT[outcome.result]
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  main(process.argv.slice(2))
