import { userInfo } from 'node:os'
import type { Labelled, ReviewDetail, ReviewGate, ReviewList } from '../admin/contract.ts'
import { readSplit } from '../io/model/read-rows.ts'
import { assertWritable, writeOut } from '../io/out-file.ts'
import { adminUrl, callAdmin, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, table } from './command.ts'

const USAGE = `sluice review list [--state open|done] [--source SOURCE] [--category CATEGORY]
sluice review next [--text] [--as NAME]
sluice review label ITEM --label harmful|benign|borderline-benign|unsure -m REASON
                    [--category CATEGORY] [--attack FORM] [--as NAME]
sluice review golden ITEM --label LABEL -m REASON [--as NAME]
sluice review revoke --reviewer NAME | --org ORG | --id LABEL -m REASON [--as NAME]
sluice review export --out FILE [--data DIR] [--leave-out]
`

export const takes: Takes = {
  command: 'review',
  flags: ['json', 'text', 'leave-out'],
  values: [
    'admin',
    'as',
    'reason',
    'state',
    'source',
    'category',
    'attack',
    'label',
    'reviewer',
    'org',
    'id',
    'out',
    'data',
  ],
  page: USAGE,
}

/** `sluice review`: the queue, one label at a time, and the rows that may be trained on. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [verb, id = ''] = rest
  const base = adminUrl(options.get('admin'))
  const by = options.get('as') ?? userInfo().username
  const json = options.has('json')
  const reason = options.get('reason')
  const given = (...names: string[]) =>
    Object.fromEntries(names.flatMap((name) => (options.has(name) ? [[name, options.get(name)!]] : [])))
  const path = (kind: string) => `/api/review/items/${encodeURIComponent(id)}/${kind}`
  return reporting(terminal, async () => {
    if (verb === 'list') {
      const query = new URLSearchParams({ by, ...given('state', 'source', 'category') })
      const list = await callAdmin<ReviewList>(base, `/api/review?${query}`)
      const rows = list.items.map((one) => [
        ...[one.id, one.source ?? 'blind', one.category ?? '', one.priority?.toFixed(2) ?? ''],
        ...[String(one.alike), one.label ?? one.holder ?? ''],
      ])
      const head = [
        'item',
        'source',
        'category',
        'priority',
        'alike',
        list.items[0]?.state === 'done' ? 'label' : 'with',
      ]
      terminal.stdout(json ? `${JSON.stringify(list)}\n` : `${table([head, ...rows])}${list.open} waiting\n`)
      return EXIT.done
    }
    if (verb === 'next') {
      const { item } = await callAdmin<{ item: ReviewDetail | null }>(base, '/api/review/next', { by })
      if (json) terminal.stdout(`${JSON.stringify(item)}\n`)
      else terminal.stdout(item === null ? 'nothing waits\n' : render(item, options.has('text')))
      return item === null ? EXIT.negative : EXIT.done
    }
    if (verb === 'label' && id !== '' && options.has('label') && reason !== undefined) {
      await callAdmin(base, path('take'), { by })
      const done = await callAdmin<Labelled>(base, path('label'), {
        ...{ by, reason },
        ...given('label', 'category', 'attack'),
      })
      terminal.stdout(json ? `${JSON.stringify(done)}\n` : `${done.id}\n`)
      return EXIT.done
    }
    if (verb === 'golden' && id !== '' && options.has('label') && reason !== undefined) {
      await callAdmin(base, path('golden'), { by, reason, ...given('label') })
      terminal.stdout(json ? `${JSON.stringify({ id })}\n` : `${id} is a hidden check now\n`)
      return EXIT.done
    }
    if (verb === 'revoke' && reason !== undefined) {
      const one = options.get('id')
      const done =
        one === undefined
          ? await callAdmin<{ revoked: number }>(base, '/api/review/revoke', {
              by,
              reason,
              ...given('reviewer', 'org'),
            })
          : await callAdmin<{ revoked: number }>(base, `/api/review/labels/${encodeURIComponent(one)}/revoke`, {
              by,
              reason,
            })
      terminal.stdout(json ? `${JSON.stringify(done)}\n` : `labels revoked: ${done.revoked}\n`)
      return EXIT.done
    }
    const out = options.get('out')
    if (verb === 'export' && out !== undefined && out !== '') {
      assertWritable(out)
      const counts = await categoryCounts(options.get('data'))
      const gate = await callAdmin<ReviewGate>(base, '/api/review/gate', { base: counts })
      for (const line of named(gate)) terminal.stderr(`${line}\n`)
      if (gate.blocked && !options.has('leave-out')) {
        terminal.stderr('nothing was written: revoke these labels, or write the rest with --leave-out\n')
        return EXIT.negative
      }
      const rows = await exported(base, counts)
      writeOut(out, rows, 0o600)
      const n = rows.split('\n').length - 1
      terminal.stdout(
        json ? `${JSON.stringify({ ...gate, rows: n })}\n` : `${n} rows of ${gate.labels} labels: ${out}\n`,
      )
      return EXIT.done
    }
    terminal.stderr(USAGE)
    return EXIT.usage
  })
}

/** Harmful rows per category that are trained on anyway. */
async function categoryCounts(folder: string | undefined): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  if (folder === undefined) return counts
  for (const { category } of await readSplit(folder, 'train')) counts[category] = (counts[category] ?? 0) + 1
  return counts
}

async function exported(base: string, counts: Record<string, number>): Promise<string> {
  const response = await fetch(`${base}/api/review/export`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ base: counts }),
  })
  return response.text()
}

function named({ excess, failed }: ReviewGate): string[] {
  return [
    ...excess.map(
      ({ kind, name, category, rows, kept }) =>
        `${kind} ${printable(name)}: ${rows} rows of ${category}, more than its share; ${kept} would be kept`,
    ),
    ...failed.map(
      ({ reviewer, correct, n }) =>
        `reviewer ${printable(reviewer)}: ${correct} of ${n} hidden checks right; no label of theirs is used`,
    ),
  ]
}

/** Names are what their bearers chose. */
function printable(name: string): string {
  return JSON.stringify(name)
}

function render({ row, content }: ReviewDetail, text: boolean): string {
  const facts: [string, string][] = [
    ['item', row.id],
    ['source', row.source ?? 'blind'],
    ['decided', row.decision === null ? 'not shown' : `${row.decision.would}, ${row.decision.reason ?? 'no reason'}`],
    ['alike', String(row.alike)],
  ]
  if (content === null) return `${table(facts)}\nno content kept\n`
  return text ? `${table(facts)}\n${table([[content.text]])}` : `${table(facts)}\nshow the text with --text\n`
}
