import { writeFileSync } from 'node:fs'
import { collateralPage } from '../core/briefs/collateral/html.ts'
import type { CollateralReport } from '../core/safeguards/collateral/report.ts'
import { reporting } from './admin-client.ts'
import { dataReport } from './collateral-data.ts'
import { settingsFrom } from './collateral-settings.ts'
import { collateralText } from './collateral-text.ts'
import { type Command, EXIT, parseFlags } from './command.ts'
import { loadApplied } from './judge.ts'

const HELP = `sluice collateral: what a safeguard would do to honest work, before it ships

  sluice collateral --after BUNDLE --data DIR     over labelled rows, as if they were traffic
  --before BUNDLE   what to compare with; \`enforcing\` unless told otherwise
  --json            the whole report with every request that is decided otherwise
  --html FILE       one page that needs nothing else; --lang ja|en
  --attacks FILE --family NAME --claim 0.99       held-out attacks of a family, and what is claimed of it
  --against NAME    the legitimate task or permanent set that reads like the family
  --budget 0.985 --slice-limit 0.01 --loss-limit 0.01   limits, as shares
  --quality CHANGE,LO,HI,N   quality lost per diverted request, measured elsewhere
  --temporary --made-for AUTHORITY

Exit code: 0 pass, 1 fail, 4 INCONCLUSIVE.
`

/** `sluice collateral`: the report, and the outcome as exit code. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, ['json', 'temporary', 'help'])
  const [data, after] = [options.get('data'), options.get('after')]
  if (options.has('help') || rest.length > 0 || after === undefined || data === undefined) {
    terminal[options.has('help') ? 'stdout' : 'stderr'](HELP)
    return options.has('help') ? EXIT.done : EXIT.usage
  }
  const lang = options.get('lang') === 'ja' ? 'ja' : 'en'
  return reporting(terminal, async () => {
    const report = await dataReport({
      before: await loadApplied(options.get('before') ?? 'enforcing'),
      after: await loadApplied(after),
      folder: data,
      attacks: options.get('attacks') ?? null,
      family: options.get('family') ?? null,
      against: options.get('against') ?? null,
      settings: settingsFrom(options),
      progress: (share, left) =>
        terminal.stderr(`\r${Math.round(100 * share)} %, ${left === null ? '?' : Math.ceil(left)} s left   `),
    })
    terminal.stderr('\r')
    const html = options.get('html')
    if (html !== undefined) writeFileSync(html, collateralPage(report, lang))
    terminal.stdout(options.has('json') ? `${JSON.stringify(report)}\n` : collateralText(report, lang))
    return exitOf(report)
  })
}

/** An outcome as exit code: INCONCLUSIVE is no pass. */
export function exitOf({ outcome }: Pick<CollateralReport, 'outcome'>): number {
  return outcome === 'pass' ? EXIT.done : outcome === 'fail' ? EXIT.negative : EXIT.inconclusive
}
