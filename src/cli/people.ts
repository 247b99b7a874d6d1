import { join } from 'node:path'
import { timeMs, timeText } from '../core/jailbreaks/exchange/time.ts'
import { examineOverride } from '../core/jailbreaks/registry/verify-override.ts'
import { formatVerifierKey } from '../core/record/note-key.ts'
import { PERSON_ID, type Person } from '../core/record/person.ts'
import { loadConfig } from '../io/config/config.ts'
import { readPeople } from '../io/config/people.ts'
import { verifyEd25519 } from '../io/keys/ed25519.ts'
import { makeKeyFile } from '../io/keys/key-file.ts'
import { writeOut } from '../io/out-file.ts'
import { wholeText } from '../io/text-file.ts'
import { AdminClientError, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, type Terminal, table } from './command.ts'
import { overrideText } from './override-text.ts'
import { sha256Of, signedBy, toSignFrom } from './signing.ts'

const USAGE = `sluice people key ID --name NAME [--days 365] [--folder DIR]   a key pair of one's own: u-114, say
sluice people list [--people FILE]                  who may sign, and with which keys
sluice people sign FILE --key FILE [--out FILE]     a text, or what somebody else has signed; needs no server
sluice people verify FILE [--people FILE] [--at T]  a signed override, by public keys alone; needs no server
  --people FILE   a list like \`people:\` in sluice.yaml; that of this installation unless told otherwise
`
export const takes: Takes = {
  command: 'people',
  flags: ['json'],
  values: ['name', 'days', 'folder', 'people', 'key', 'out', 'at'],
  page: USAGE,
}

const DAY_MS = 86_400_000
const MOST_DAYS = 1830

type Options = ReadonlyMap<string, string>

/** `sluice people`: keys of people, and what they sign. A private key stays in its owner's file. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [verb, first] = rest
  return reporting(terminal, async () => {
    if (verb === 'list') return list(options, terminal)
    if (verb === 'key' && first !== undefined && options.has('name')) return makeKey(first, options, terminal)
    if (verb === 'sign' && first !== undefined && options.has('key')) return sign(first, options, terminal)
    if (verb === 'verify' && first !== undefined) return verify(first, options, terminal)
    terminal.stderr(USAGE)
    return EXIT.usage
  })
}

function makeKey(id: string, options: Options, terminal: Terminal): number {
  const days = Number(options.get('days') ?? 365)
  if (!PERSON_ID.test(id)) throw new AdminClientError('refused', '`ID`: wanted u- and small letters, digits or dashes')
  if (!(days >= 1 && days <= MOST_DAYS)) throw new AdminClientError('refused', `--days: wanted 1 to ${MOST_DAYS}`)
  const file = join(options.get('folder') ?? '.', `${id}.key`)
  const { key } = makeKeyFile(file, id)
  const [from, until] = [Date.now(), Date.now() + days * DAY_MS].map(timeText)
  const row = { id, name: options.get('name'), keys: [{ key: formatVerifierKey(key), from, until }] }
  // One line of YAML, which JSON is.
  terminal.stdout(options.has('json') ? `${JSON.stringify(row)}\n` : `  - ${JSON.stringify(row)}\n`)
  terminal.stderr(`${file}: the private key, which goes nowhere; the line goes under \`people:\` in sluice.yaml\n`)
  return EXIT.done
}

function list(options: Options, terminal: Terminal): number {
  const people = peopleOf(options)
  const now = Date.now()
  const rows = people.flatMap(({ id, name, keys }) =>
    keys.map(({ key, fromMs, untilMs }) => [
      ...[id, name, key.id, timeText(fromMs), timeText(untilMs)],
      now < fromMs ? 'not yet' : now < untilMs ? 'valid' : 'over',
    ]),
  )
  const plain = people.map(({ keys, ...person }) => ({
    ...person,
    keys: keys.map(({ key, fromMs, untilMs }) => ({ key: formatVerifierKey(key), fromMs, untilMs })),
  }))
  terminal.stdout(
    options.has('json')
      ? `${JSON.stringify(plain)}\n`
      : people.length === 0
        ? 'nobody may sign yet; `sluice people key` makes a key\n'
        : table([['person', 'name', 'key', 'from', 'until', ''], ...rows]),
  )
  return EXIT.done
}

function sign(file: string, options: Options, terminal: Terminal): number {
  const text = toSignFrom(wholeText(file), file)
  const envelope = signedBy(options.get('key')!, text)
  terminal.stderr(overrideText(text.terms, sha256Of(text.payload), []))
  const out = options.get('out')
  if (out === undefined) terminal.stdout(`${envelope}\n`)
  else writeOut(out, envelope)
  return EXIT.done
}

/** Held to the time at which it began, unless another is asked for: a key that ended later was good then. */
function verify(file: string, options: Options, terminal: Terminal): number {
  const envelope = wholeText(file).trim()
  const people = peopleOf(options)
  const asked = options.get('at')
  const askedMs = asked === undefined ? null : timeMs(asked)
  if (asked !== undefined && askedMs === null)
    throw new AdminClientError('refused', '--at: wanted a time such as 2026-06-13T09:00:00Z')
  const once = examineOverride(envelope, { people, verify: verifyEd25519 }, askedMs ?? 0)
  const atMs = askedMs ?? (once.kind === 'examined' ? once.terms.issuedAtMs : 0)
  const found = examineOverride(envelope, { people, verify: verifyEd25519 }, atMs)
  const { refusals } = found
  if (options.has('json')) {
    const { terms = null, signers = [] } = found.kind === 'examined' ? found : {}
    terminal.stdout(`${JSON.stringify({ verified: refusals.length === 0, atMs, refusals, terms, signers })}\n`)
    return refusals.length === 0 ? EXIT.done : EXIT.negative
  }
  if (found.kind === 'examined') {
    const names = new Map(people.map(({ id, name }) => [id, name]))
    const by = found.signers.map(({ person }) => person)
    terminal.stdout(overrideText(found.terms, sha256Of(found.payload), by, names))
    terminal.stdout(`envelope  sha256:${sha256Of(envelope)}\n`)
  }
  if (refusals.includes('decode'))
    throw new AdminClientError('refused', `${file} holds no signed override; \`sluice people sign\` writes one`)
  terminal.stdout(refusals.length === 0 ? `verified at ${timeText(atMs)}\n` : `refused: ${refusals.join(', ')}\n`)
  return refusals.length === 0 ? EXIT.done : EXIT.negative
}

/** @throws {AdminClientError} the list cannot be used. */
function peopleOf(options: Options): readonly Person[] {
  const file = options.get('people')
  if (file === undefined) return loadConfig(process.env, process.cwd()).people
  const people = readPeople(wholeText(file))
  if (typeof people === 'string') throw new AdminClientError('refused', `${file}: ${people}`)
  return people
}
