import type { PeopleList, ReportDetail } from '../admin/report-contract.ts'
import type { SignedOverride } from '../core/jailbreaks/registry/case.ts'
import { termsOf } from '../core/jailbreaks/registry/override-terms.ts'
import { writeOut } from '../io/out-file.ts'
import { wholeText } from '../io/text-file.ts'
import { AdminClientError, callAdmin, readAdmin } from './admin-client.ts'
import { EXIT, type Terminal } from './command.ts'
import { overrideText } from './override-text.ts'
import { headText } from './report-text.ts'
import { sha256Of, signedBy } from './signing.ts'

interface AskedOf {
  readonly base: string
  readonly id: string
  readonly options: ReadonlyMap<string, string>
  readonly terminal: Terminal
}

/** `sluice report override`: drafts what two people sign; with `--key` the first of them signs it at once. */
export async function override(asked: AskedOf, asking: { readonly by: string; readonly reason: string }) {
  const { base, id, options, terminal } = asked
  const people = (options.get('people') ?? '').split(',').filter((one) => one !== '')
  const [action, hours] = [options.get('action') ?? '', Number(options.get('hours'))]
  if (people.length !== 2 || action === '' || !(hours > 0)) {
    terminal.stderr('sluice report override: wanted --action A --hours N --people u-…,u-… -m REASON\n')
    return EXIT.usage
  }
  const body = { action, hours, people, ...asking }
  const detail = await callAdmin<ReportDetail>(base, `${pathOf(id)}/override`, body)
  const drafted = detail.case.overrides.at(-1)!
  const key = options.get('key')
  if (key === undefined) return shown(asked, drafted)
  // What comes back from the server is signed only if it is what was asked for.
  const terms = termsOf(drafted)
  if (terms.action !== action || terms.reason !== asking.reason || terms.by.join() !== people.join())
    throw new AdminClientError('refused', `${drafted.id} is not what was asked for; look at it before you sign it`)
  return sent(asked, drafted, signedBy(key, { payload: drafted.payload, terms, signatures: [] }))
}

/** `sluice report sign`: shows what is signed, and signs exactly that: its hash is repeated with the key. */
export async function sign(asked: AskedOf): Promise<number> {
  const { options } = asked
  const found = await overrideOf(asked)
  const [key, file, hash] = [options.get('key'), options.get('signature'), options.get('sha256')]
  if (file !== undefined) return sent(asked, found, wholeText(file).trim())
  if (key === undefined) return shown(asked, found)
  const own = sha256Of(found.payload)
  if (hash?.replace(/^sha256:/, '') !== own)
    throw new AdminClientError(
      'refused',
      `sign what you have looked at: --sha256 ${own}, as \`sluice report sign\` shows`,
    )
  return sent(asked, found, signedBy(key, { payload: found.payload, terms: termsOf(found), signatures: [] }))
}

/** `sluice report instrument`: the signed envelope, or the text that is to be signed, byte for byte. */
export async function instrument(asked: AskedOf): Promise<number> {
  const { base, id, options, terminal } = asked
  const found = await overrideOf(asked)
  const part = options.has('payload') ? 'payload' : 'envelope'
  const text = await readAdmin(base, `${pathOf(id)}/overrides/${found.id}/${part}`)
  const out = options.get('out')
  if (out === undefined) terminal.stdout(text)
  else {
    writeOut(out, text)
    terminal.stdout(`${found.id}: ${part} in ${out}, sha256:${sha256Of(text)}\n`)
  }
  return EXIT.done
}

async function overrideOf({ base, id, options }: AskedOf): Promise<SignedOverride> {
  const { case: one } = await callAdmin<ReportDetail>(base, pathOf(id))
  const wanted = options.get('override')
  const found = one.overrides.find((each) => each.id === wanted)
  if (found !== undefined) return found
  const ids = one.overrides.map((each) => each.id).join(', ') || 'none'
  throw new AdminClientError('refused', `wanted --override INS; overrides of ${one.id}: ${ids}`)
}

async function shown({ base, id, options, terminal }: AskedOf, found: SignedOverride): Promise<number> {
  if (options.has('json')) {
    terminal.stdout(`${JSON.stringify({ ...found, sha256: sha256Of(found.payload) })}\n`)
    return EXIT.done
  }
  const { items } = await callAdmin<PeopleList>(base, '/api/people')
  const hash = sha256Of(found.payload)
  const by = found.signatures.map(({ person }) => person)
  terminal.stdout(overrideText(termsOf(found), hash, by, new Map(items.map((one) => [one.id, one.name]))))
  if (by.length < 2)
    terminal.stdout(`to sign it: sluice report sign ${id} --override ${found.id} --sha256 ${hash} --key FILE\n`)
  return EXIT.done
}

async function sent({ base, id, options, terminal }: AskedOf, { id: override }: SignedOverride, envelope: string) {
  const detail = await callAdmin<ReportDetail>(base, `${pathOf(id)}/sign`, { override, envelope })
  const { signatures } = detail.case.overrides.find((each) => each.id === override)!
  const by = signatures.map(({ person }) => person).join(' and ')
  const state = signatures.length < 2 ? 'does nothing before a second person signs' : 'in force'
  terminal.stdout(
    options.has('json') ? `${JSON.stringify(detail)}\n` : `${override}: signed by ${by}; ${state}\n${headText(detail)}`,
  )
  return EXIT.done
}

function pathOf(id: string): string {
  return `/api/reports/${encodeURIComponent(id)}`
}
