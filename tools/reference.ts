import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { optionsOf, type Takes } from '../src/cli/command.ts'
import { COMMANDS } from '../src/cli/commands.ts'
import { USAGE } from '../src/cli/usage.ts'
import { LABELS } from '../src/core/base/reasons.ts'
import { SCHEMAS } from '../src/core/jailbreaks/exchange/schemas/schemas.ts'
import { configSchema } from '../src/io/config/config-schema.ts'
import { ROOMS } from './layers.ts'

/** Pages and files that say what the code says, made from the code. `--check` fails when one is out of date. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const note = '<!-- made by `node tools/reference.ts`; do not edit -->\n\n'
const text = (page: string) => `\`\`\`text\n${page}\`\`\`\n`
const section = (takes: Takes) =>
  `\n## ${takes.command}\n\n${takes.page === undefined ? '' : `${text(takes.page)}\n`}Options: \`${optionsOf(takes)}\`\n`
const modules = await Promise.all(Object.values(COMMANDS).map((load) => load()))
const sections = modules.flatMap(({ takes = [] }) => takes).map(section)
const pages: Record<string, string> = {
  'docs/reference/cli.md': `${note}# Commands\n\n${text(USAGE)}${sections.join('')}`,
  'docs/reference/reason-codes.md':
    `${note}# Reason codes\n\n` +
    [...LABELS, 'content.uninspected', 'detector.unavailable', 'trust.required', 'control.suspended', 'budget.spent']
      .map((code) => `- \`${code}\`\n`)
      .join(''),
  'docs/reference/rooms.md':
    `${note}# Rooms\n\n| room | may import |\n| --- | --- |\n` +
    Object.entries(ROOMS)
      .map(([room, allowed]) => `| \`${room}\` | ${allowed.map((one) => `\`${one}\``).join(', ') || 'nothing'} |\n`)
      .join(''),
  'docs/reference/sluice.schema.json': `${JSON.stringify(z.toJSONSchema(configSchema, { io: 'input' }), null, 2)}\n`,
  ...Object.fromEntries(
    Object.entries(SCHEMAS).map(([kind, schema]) => [
      `docs/formats/schemas/${kind}.json`,
      `${JSON.stringify(schema, null, 2)}\n`,
    ]),
  ),
}

let stale = 0
for (const [path, text] of Object.entries(pages)) {
  const file = join(root, path)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
  stale++
  if (process.argv.includes('--check'))
    process.stderr.write(`${path} is out of date; run \`node tools/reference.ts\`\n`)
  else {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
process.exit(process.argv.includes('--check') && stale > 0 ? 1 : 0)
