import { CodedError } from '../core/base/errors.ts'
import { type CollateralSettings, DEFAULT_LIMITS, type Quality } from '../core/safeguards/collateral/report.ts'

export class SettingError extends CodedError<'option_invalid'> {}

/** What the operator sets of a report, from `--name value`. @throws {SettingError} naming the option. */
export function settingsFrom(
  options: ReadonlyMap<string, string>,
): Pick<
  CollateralSettings,
  | 'retainedBudget'
  | 'sliceLimit'
  | 'attackLossLimit'
  | 'overheadLimitUs'
  | 'claim'
  | 'quality'
  | 'temporary'
  | 'madeFor'
> {
  const share = (name: string, otherwise: number) => {
    const text = options.get(name)
    const value = text === undefined ? otherwise : Number(text)
    if (!(value > 0 && value < 1)) throw new SettingError('option_invalid', `--${name}: wanted a share between 0 and 1`)
    return value
  }
  const family = options.get('family')
  if (options.has('claim') && family === undefined)
    throw new SettingError('option_invalid', '--claim: name the attack family it is about with --family')
  return {
    retainedBudget: share('budget', DEFAULT_LIMITS.retainedBudget),
    sliceLimit: share('slice-limit', DEFAULT_LIMITS.sliceLimit),
    attackLossLimit: share('loss-limit', DEFAULT_LIMITS.attackLossLimit),
    overheadLimitUs: DEFAULT_LIMITS.overheadLimitUs,
    claim: options.has('claim') && family !== undefined ? { family, share: share('claim', 0.99) } : null,
    quality: qualityFrom(options.get('quality')),
    temporary: options.has('temporary'),
    madeFor: options.get('made-for') ?? null,
  }
}

/** `change,lo,hi,n`: measured elsewhere; without it the report says that it was not. */
function qualityFrom(text: string | undefined): Quality | null {
  if (text === undefined) return null
  const [change, lo, hi, n] = text.split(',').map(Number)
  const whole = [change, lo, hi, n].every((one) => Number.isFinite(one))
  if (!whole || lo! > change! || change! > hi! || lo! < -1 || hi! > 1 || !Number.isInteger(n) || n! < 1)
    throw new SettingError('option_invalid', '--quality: wanted change,lo,hi,n with -1 ≤ lo ≤ change ≤ hi ≤ 1, n ≥ 1')
  return { change: change!, lo: lo!, hi: hi!, n: n! }
}
