import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { embeddedBundle, judgeOf } from '../src/cli/judge.ts'
import { readSplit } from '../src/io/model/read-rows.ts'
import { ALL_PHRASES, type LongText } from './parts/check-texts.ts'
import { type Growth, growthOf, SUBJECTS, type Subject } from './parts/growth.ts'
import { installPeer } from './parts/install-peer.ts'
import { peerChecks } from './parts/peer-checks.ts'
import {
  type Decide,
  insideWords,
  japanese,
  keywordEvasion,
  overBlocking,
  personalData,
} from './parts/peer-measures.ts'
import { peersPageOf, reportOf } from './parts/peers-page.ts'

/**
 * What npm offers for the same purpose, measured beside Sluice: evasion, Japanese, personal data, legitimate work that is
 * stopped, and how time grows with length. Installs the peer, as it is locked, into a temporary folder; under two minutes.
 */
const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    write: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (values.help === true) {
  process.stderr.write(
    'usage: node bench/peers.ts [--data DIR] [--write FILE] [--json]\n' +
      '  --data DIR    harmless prompts of the dev split of a data folder are tried as well\n' +
      '  --write FILE  the report as a page, e.g. docs/peers.md\n',
  )
  process.exit(0)
}

const more =
  values.data === undefined
    ? []
    : (await readSplit(values.data, 'dev')).filter(({ label, target }) => label !== 'harmful' && target === 'prompt')
const folder = mkdtempSync(join(tmpdir(), 'sluice-peers-'))
try {
  const modules = installPeer(folder, 'peer-checks')
  const peer = peerChecks(modules, ALL_PHRASES)
  const judge = judgeOf(await embeddedBundle())
  const decide: Decide = (turns) => judge({ turns, target: 'prompt' }).action
  const tables = [
    await keywordEvasion(peer, decide),
    await japanese(peer),
    await personalData(peer),
    await overBlocking(peer, decide, more),
    await insideWords((keywords) => peerChecks(modules, keywords)),
  ]
  const growth: Growth[] = []
  for (const [subject, texts] of Object.entries(SUBJECTS) as [Subject, readonly LongText[]][])
    for (const text of texts) growth.push(await growthOf(subject, text, modules))
  const facts = { peer: peer.name, others: peer.others, tables, growth }
  const report = reportOf(facts)
  process.stdout.write(values.json === true ? `${JSON.stringify(facts)}\n` : report)
  if (values.write !== undefined) writeFileSync(values.write, peersPageOf(report, more.length > 0))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
