import type { PairedCase } from '../core/safeguards/collateral/paired-case.ts'
import type { CollateralReport, PermanentSet } from '../core/safeguards/collateral/report.ts'
import type { Separation } from '../core/safeguards/collateral/separable.ts'
import { collateral } from '../core/safeguards/collateral.ts'
import { readRows, readSplit } from '../io/model/read-rows.ts'
import { acts, RowTraffic } from '../jobs/traffic.ts'
import type { TrainingRow } from '../jobs/training-ports.ts'
import { SettingError, type settingsFrom } from './collateral-settings.ts'
import { type Applied, judgeOf } from './judge.ts'
import { regressionSets } from './regression-sets.ts'

export interface DataReportOptions {
  readonly before: Applied
  readonly after: Applied
  /** Its dev prompts are the traffic. */
  readonly folder: string
  /** Held-out members of `family`, all of them attacks; null: none. */
  readonly attacks: string | null
  readonly family: string | null
  /** Segment or permanent set that reads like the family. */
  readonly against: string | null
  readonly settings: ReturnType<typeof settingsFrom>
  progress(share: number, secondsLeft: number | null): void
}

/** The collateral report over labelled rows, as if they were a week of traffic. */
export async function dataReport(options: DataReportOptions): Promise<CollateralReport> {
  const { before, after, family } = options
  const rows = (await readSplit(options.folder, 'dev')).filter(({ target }) => target === 'prompt')
  const members = options.attacks === null ? [] : await readRows(options.attacks)
  const sets = await regressionSets()
  const nowUs = () => performance.now() * 1000
  const traffic = new RowTraffic(judgeOf(before), judgeOf(after), nowUs)
  const total = rows.length + members.length
  const started = nowUs()
  const cases: PairedCase[] = []
  const take = (list: readonly TrainingRow[], of: string | null) => {
    for (const row of list) {
      cases.push(traffic.case(row, of))
      if (cases.length % 500 === 0) {
        const share = cases.length / total
        options.progress(share, ((nowUs() - started) / 1e6) * (1 / share - 1))
      }
    }
  }
  take(rows, null)
  take(members, family)
  const cost = traffic.cost()
  const permanent = [...sets].map(([name, texts]) => traffic.permanent(name, texts))
  return collateral(cases, {
    ...options.settings,
    before: { label: before.label, hash: before.hash },
    after: { label: after.label, hash: after.hash },
    source:
      options.folder
        .split(/[\\/]/)
        .filter((part) => part !== '')
        .at(-1) ?? 'data',
    window: null,
    separation: separationOf(options, cases, permanent),
    ...{ permanent, cost, sunset: after.bundle.sunset, notReplayable: {}, withoutAnswer: 0 },
  })
}

/** @throws {SettingError} the class named is neither a segment of the traffic nor a permanent set. */
function separationOf(
  { family, against }: DataReportOptions,
  cases: readonly PairedCase[],
  permanent: readonly PermanentSet[],
): Separation | null {
  if (family === null || against === null) return null
  const members = cases.filter((one) => one.family === family)
  const alike = cases.filter(({ segment, label }) => segment === against && label !== 'harmful')
  const set = permanent.find((one) => one.set === against)
  if (alike.length === 0 && set === undefined)
    throw new SettingError(
      'option_invalid',
      `--against: \`${against}\` is no segment of this traffic and no permanent set`,
    )
  // Traffic and permanent set are different samples of it: the one that is hit harder counts, never their mixture.
  const sources = [
    { acted: alike.filter(({ after }) => acts(after)).length, n: alike.length },
    { acted: set?.acted.length ?? 0, n: set?.n ?? 0 },
  ].filter(({ n }) => n > 0)
  const hit = sources.reduce((a, b) => (b.acted / b.n > a.acted / a.n ? b : a))
  return {
    blocked: { name: family, caught: members.filter(({ after }) => acts(after)).length, n: members.length },
    legitimate: { name: against, ...hit },
  }
}
