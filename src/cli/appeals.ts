import { userInfo } from 'node:os'
import type { AppealDetail, AppealList } from '../admin/contract.ts'
import { adminUrl, callAdmin, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, table } from './command.ts'

const USAGE = `sluice appeals list [--state open,in_review,upheld,overturned,withdrawn]
sluice appeals show APPEAL
sluice appeals decide APPEAL --uphold|--overturn -m REASON [--as NAME] [--hours 24]
sluice appeals fixed APPEAL --release RELEASE [--as NAME]
`

export const takes: Takes = {
  command: 'appeals',
  flags: ['json', 'uphold', 'overturn'],
  values: ['admin', 'as', 'reason', 'state', 'hours', 'release'],
  page: USAGE,
}

/** `sluice appeals`: what callers object to, and the answer of a person. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [verb, id = ''] = rest
  const base = adminUrl(options.get('admin'))
  const by = options.get('as') ?? userInfo().username
  const post = (kind: string, body: unknown) =>
    callAdmin<AppealDetail>(base, `/api/appeals/${encodeURIComponent(id)}/${kind}`, body)
  const shown = (detail: AppealDetail) => {
    terminal.stdout(options.has('json') ? `${JSON.stringify(detail)}\n` : render(detail))
    return EXIT.done
  }
  return reporting(terminal, async () => {
    if (verb === 'list') {
      const state = options.get('state') ?? 'open,in_review'
      const list = await callAdmin<AppealList>(base, `/api/appeals?state=${encodeURIComponent(state)}`)
      const rows = list.items.map((one) => [
        ...[one.id, one.overdue ? `${one.state}, OVERDUE` : one.state, clock(one.respondByMs - list.nowMs)],
        ...[one.holder?.by ?? '', one.org],
      ])
      terminal.stdout(
        options.has('json')
          ? `${JSON.stringify(list)}\n`
          : table([['appeal', 'state', 'left', 'with', 'org'], ...rows]),
      )
      return EXIT.done
    }
    if (verb === 'show' && id !== '')
      return shown(await callAdmin<AppealDetail>(base, `/api/appeals/${encodeURIComponent(id)}`))
    const verdict = options.has('overturn') ? 'overturned' : 'upheld'
    const reason = options.get('reason')
    if (verb === 'decide' && id !== '' && options.has('overturn') !== options.has('uphold') && reason !== undefined) {
      await post('take', { by })
      const hours = options.has('hours') ? { exceptionHours: Number(options.get('hours')) } : {}
      try {
        return shown(await post('decide', { by, verdict, reason, ...hours }))
      } catch (error) {
        // What could not be decided is not kept from others.
        await post('release', { by }).catch(() => undefined)
        throw error
      }
    }
    if (verb === 'fixed' && id !== '' && options.has('release'))
      return shown(await post('fixed', { by, release: options.get('release') }))
    terminal.stderr(USAGE)
    return EXIT.usage
  })
}

function render({ appeal, row, exception, credit, acting, events }: AppealDetail): string {
  const tokens = credit?.tokens.reduce((sum, one) => sum + one.input + one.output, 0) ?? null
  const facts: [string, string][] = [
    ['appeal', appeal.id],
    ['state', appeal.overdue ? `${appeal.state}, OVERDUE` : appeal.state],
    ['answer by', new Date(appeal.respondByMs).toISOString()],
    ['note', appeal.note],
    ['decision', row.id],
    ['action', `${row.action}: ${acting.join(', ')}`],
    ...(appeal.verdict === null ? [] : ([['reason', appeal.verdict.reason]] as [string, string][])),
    [
      'exception',
      exception === null
        ? 'none'
        : `${exception.id}, ${exception.parts} parts, until ${new Date(exception.untilMs).toISOString()}`,
    ],
    ...(tokens === null ? [] : ([['credited', `${tokens} tokens`]] as [string, string][])),
    ...(appeal.fixedIn === null ? [] : ([['fixed in', appeal.fixedIn]] as [string, string][])),
  ]
  const steps = events.map((one) => [new Date(one.atMs).toISOString(), one.move, one.to, one.by])
  return `${table(facts)}\n${table([['at', 'move', 'to', 'by'], ...steps])}`
}

function clock(leftMs: number): string {
  const minutes = Math.floor(Math.abs(leftMs) / 60_000)
  return `${leftMs < 0 ? '-' : ''}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`
}
