#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// sluice-verify: has anybody changed this record? Needs Node 20 and nothing else, no network, and shares no code with
// Sluice. From top to bottom: 1 faults, 2 hashes, 3 notes and policy, 4 tiles and tree, 5 a record folder, 6 a proof, 7 the
// command. What entries say, and partners' feeds: sluice-verify-says.mjs. Formats: RFC 6962; C2SP signed-note, tlog-tiles,
// tlog-checkpoint, tlog-cosignature, tlog-policy, tlog-proof.
import { isUtf8 } from 'node:buffer'
import crypto from 'node:crypto'
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

// ── 1 Faults ────────────────────────────────────────────────────────────────────────────────────────────────────────
const EXIT = { verified: 0, tampered: 1, usage: 2, incomplete: 4 }
/** `result` is one of the above; `index` is the first entry concerned, null where none can be named. */
export class Fault extends Error {
  constructor(result, code, message, index = null) {
    Object.assign(super(message), { result, code, index })
  }
}
export const tampered = (code, message, index) => new Fault('tampered', code, message, index)
export const wrongUse = (message) => new Fault('usage', 'usage', message)
/** What is not here may exist elsewhere, so it is not called tampering. */
export function read(path) {
  if (!existsSync(path)) throw new Fault('incomplete', 'missing', `${path} is not here`)
  return readFileSync(path)
}

// ── 2 Hashes ────────────────────────────────────────────────────────────────────────────────────────────────────────
const HASH = 32
export const hex = (bytes) => bytes.toString('hex')
export const sha256 = crypto.hash // from Node 20.12 on, in one call
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
export const publicKey = (raw) =>
  crypto.createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })

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
export const told = ({ origin, size, root, witnesses }) => ({ origin, size, root: hex(root), witnesses })

// ── 4 Tiles and tree ────────────────────────────────────────────────────────────────────────────────────────────────
const WIDTH = 256
/** 1234067 → `x001/x234/067`. */
export const tileNumber = (n) => `${n}`.padStart(Math.ceil(`${n}`.length / 3) * 3, '0').replace(/\d{3}(?=\d)/g, 'x$&/')

/** Paths of all files under `folder/inner`, relative to `folder`. */
export function list(folder, inner) {
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
export function walkTree(folder, size, { onEntry, onRoot, sizes, missing }) {
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

// ── 5 A record folder ───────────────────────────────────────────────────────────────────────────────────────────────
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
  const { Entries } = fast ? {} : await import('./sluice-verify-says.mjs')
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

// ── 6 A proof ───────────────────────────────────────────────────────────────────────────────────────────────────────
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
  const { openEntry } = await import('./sluice-verify-says.mjs')
  const entry = bytes.toString().startsWith('{"v":') ? openEntry(bytes, index) : JSON.parse(bytes)
  const gaps = ['one entry is proven; what stands before and after it is not looked at']
  return { result: 'verified', ...told(checkpoint), policy: hex(sha256(policyBytes)), index, entry, gaps }
}

// ── 7 The command ───────────────────────────────────────────────────────────────────────────────────────────────────
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
    else outcome = await (await import('./sluice-verify-says.mjs')).verifyFeed(path, values)
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
