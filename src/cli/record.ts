import { join } from 'node:path'
import type { DecisionProof, RecordStatus, Shredded } from '../admin/record-admin.ts'
import { hex } from '../core/base/bytes.ts'
import { isDecisionId } from '../core/base/ids.ts'
import { utf8Bytes, utf8Text } from '../core/base/utf8.ts'
import { openCheckpoint } from '../core/record/checkpoint.ts'
import { formatProof } from '../core/record/offline-proof.ts'
import { RecordError } from '../core/record/record-error.ts'
import { entriesOf, TILE_WIDTH } from '../core/record/tile.ts'
import { parsePolicy } from '../core/record/witness-policy.ts'
import { loadConfig } from '../io/config/config.ts'
import { sha256, verifyEd25519 } from '../io/keys/ed25519.ts'
import { makeFolder, writeOut } from '../io/out-file.ts'
import { openFolder } from '../io/record/folder-reader.ts'
import { wholeText } from '../io/text-file.ts'
import { proveInclusion, type RecordReader, readTile } from '../jobs/prove-record.ts'
import { verifyRecord } from '../jobs/verify-record.ts'
import { adminUrl, callAdmin, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, type Terminal } from './command.ts'

const USAGE = `sluice record verify [DIR] [--policy FILE]   check a record's folder, without a network
sluice record prove ENTRY|DECISION --out DIR [--dir DIR]
                                         proof, entry and policy as three files: enough for anybody
sluice record show [ENTRY] [--dir DIR]   one entry, or the newest
sluice record key                        keys and state of a running instance's log
sluice record shred ORG --ground TEXT --confirm ORG
                                         destroys an organisation's data key: what was kept of it, and what ties it to
                                         its entries, can never be read again; the log verifies as before
`

export const takes: Takes = {
  command: 'record',
  flags: ['json'],
  values: ['policy', 'out', 'dir', 'admin', 'ground', 'confirm'],
  page: USAGE,
}

/** `sluice record`: the log of what was decided and changed. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [verb, name] = rest
  const folder = options.get('dir') ?? join(loadConfig(process.env, process.cwd()).dataFolder, 'record')
  const json = options.has('json')
  try {
    switch (verb) {
      case 'verify':
        return await verify(name ?? folder, options.get('policy'), json, terminal)
      case 'prove':
        if (name === undefined || !options.has('out')) break
        return await reporting(terminal, () => prove(name, folder, options, terminal))
      case 'show':
        return await show(name, folder, json, terminal)
      case 'key':
        return await reporting(terminal, () => key(adminUrl(options.get('admin')), json, terminal))
      case 'shred':
        if (name === undefined || !options.has('ground')) break
        return await reporting(terminal, () => shred(name, options, json, terminal))
      default:
    }
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    terminal.stderr(`sluice: ${error.message}\n`)
    return EXIT.negative
  }
  terminal.stderr(USAGE)
  return EXIT.usage
}

async function verify(folder: string, policyFile: string | undefined, json: boolean, terminal: Terminal) {
  const trusted = policyFile === undefined ? null : wholeText(policyFile)
  const verdict = await verifyRecord(openFolder(folder), trusted, { sha256, verify: verifyEd25519 })
  if (json) terminal.stdout(`${JSON.stringify(verdict)}\n`)
  switch (verdict.kind) {
    case 'verified': {
      const { size, origin, root, witnesses, keptCheckpoints, documents } = verdict
      if (!json)
        terminal.stdout(
          `verified: ${size} entries of ${origin}\nroot ${root}\n${keptCheckpoints} kept checkpoints, ${documents} documents, cosigned by ${witnesses.join(', ') || 'nobody'}\n`,
        )
      if (trusted === null)
        terminal.stderr('checked against its own log.policy; name the one that you trust with --policy FILE\n')
      return EXIT.done
    }
    case 'tampered':
      if (!json)
        terminal.stdout(`tampered${verdict.index === null ? '' : ` at entry ${verdict.index}`}: ${verdict.what}\n`)
      return EXIT.negative
    case 'incomplete':
      if (!json) terminal.stdout(`incomplete: ${verdict.what}\n`)
      return EXIT.inconclusive
  }
}

async function prove(name: string, folder: string, options: ReadonlyMap<string, string>, terminal: Terminal) {
  const out = options.get('out')!
  const found = isDecisionId(name)
    ? await callAdmin<DecisionProof>(adminUrl(options.get('admin')), `/api/decisions/${name}/proof`)
    : await proofFromFolder(openFolder(folder), name)
  makeFolder(out)
  const write = (file: string, text: string) => {
    writeOut(join(out, file), text)
    terminal.stdout(`${join(out, file)}\n`)
  }
  write(`${found.index}.tlog-proof`, found.proof)
  write(`${found.index}.entry`, found.entry)
  write(`${found.index}.policy`, found.policy)
  if ('receipt' in found) {
    write(`${found.decision}.receipt.json`, found.receipt)
    if (found.path !== null) write(`${found.decision}.path.json`, `${JSON.stringify(found.path)}\n`)
  }
  return EXIT.done
}

async function headOf(reader: RecordReader) {
  const policy = await needed(reader, 'log.policy')
  const checkpoint = await needed(reader, 'checkpoint')
  const opened = openCheckpoint(utf8Bytes(checkpoint), { ...parsePolicy(sha256, policy), quorum: null }, verifyEd25519)
  if (opened.kind === 'rejected') throw new RecordError('malformed', `checkpoint: ${opened.reason}`)
  return { policy, checkpoint, size: opened.checkpoint.size }
}

async function proofFromFolder(reader: RecordReader, name: string) {
  const { policy, checkpoint, size } = await headOf(reader)
  const index = indexOf(name, size)
  const hashes = await proveInclusion(sha256, index, size, (tile) => readTile(reader, tile))
  return {
    index,
    policy,
    proof: formatProof({ index, hashes, checkpoint }),
    entry: await entryText(reader, index, size),
  }
}

async function entryText(reader: RecordReader, index: number, size: number): Promise<string> {
  const n = Math.floor(index / TILE_WIDTH)
  const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH)
  const bundle = await readTile(reader, { level: 'entries', n, width })
  const entry = bundle === null ? undefined : entriesOf(bundle)[index % TILE_WIDTH]
  if (entry === undefined) throw new RecordError('malformed', `the bundle of entry ${index} is not there`)
  return utf8Text(entry) ?? hex(entry)
}

function indexOf(name: string, size: number): number {
  const index = Number(name)
  if (!/^\d{1,16}$/.test(name) || index >= size)
    throw new RecordError(
      'out_of_range',
      `entry: wanted an index below ${size} or a decision, not \`${name.slice(0, 80)}\``,
    )
  return index
}

async function needed(reader: RecordReader, path: string): Promise<string> {
  const bytes = await reader.read(path)
  if (bytes === null) throw new RecordError('malformed', `${path} is not there; name the record's folder with --dir`)
  return utf8Text(bytes) ?? ''
}

/** Newest entries that are shown at once. */
const NEWEST = 20

async function show(name: string | undefined, folder: string, json: boolean, terminal: Terminal) {
  const reader = openFolder(folder)
  const { size } = await headOf(reader)
  const indexes =
    name === undefined
      ? Array.from({ length: Math.min(NEWEST, size) }, (_, i) => size - Math.min(NEWEST, size) + i)
      : [indexOf(name, size)]
  for (const index of indexes) {
    const text = await entryText(reader, index, size)
    terminal.stdout(json ? `{"index":${index},"entry":${text}}\n` : `${index}  ${text}\n`)
  }
  return EXIT.done
}

async function key(base: string, json: boolean, terminal: Terminal): Promise<number> {
  const status = await callAdmin<RecordStatus>(base, '/api/record')
  if (json) terminal.stdout(`${JSON.stringify(status)}\n`)
  else
    terminal.stdout(
      [
        `log ${status.key ?? '(signed by another instance)'}`,
        ...(status.witnessKey === null ? [] : [`witness ${status.witnessKey}`]),
        `${status.size} entries, ${status.waiting} waiting, cosigned by ${status.witnesses.join(', ') || 'nobody'}`,
        '',
      ].join('\n'),
    )
  return EXIT.done
}

/** Nothing brings a destroyed key back: the name is written twice. */
async function shred(
  org: string,
  options: ReadonlyMap<string, string>,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  if (options.get('confirm') !== org) {
    terminal.stderr(`sluice: this cannot be undone; say --confirm ${org} as well\n`)
    return EXIT.usage
  }
  const body = { org, ground: options.get('ground')! }
  const done = await callAdmin<Shredded>(adminUrl(options.get('admin')), '/api/record/shred', body)
  if (json) terminal.stdout(`${JSON.stringify(done)}\n`)
  else if (done.shredded)
    terminal.stdout(`the data key of ${org} is destroyed, with ${done.salts} salts; the record says so\n`)
  else terminal.stdout(`${org} has no data key\n`)
  return done.shredded ? EXIT.done : EXIT.negative
}
