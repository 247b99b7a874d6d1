import { figures } from '../core/briefs/figures.ts'
import type { ArmResult, Reproduction } from '../core/jailbreaks/reproduction/result.ts'
import { type ReproductionLang, reproductionWords } from '../core/jailbreaks/reproduction/words.ts'
import type { ReproductionKey } from '../core/jailbreaks/reproduction/words-en.ts'
import { signed } from '../core/jailbreaks/severity/explain.ts'
import { table } from './command.ts'

/** A reproduction for a terminal: the finding, the matrix, the members, what the numbers mean. */
export function reproductionText(result: Reproduction, lang: ReproductionLang): string {
  const say = (key: ReproductionKey, slots: Readonly<Record<string, string | number>> = {}) =>
    reproductionWords(lang, key, slots)
  const { uplift, reliability, equivalence, panel, effort } = result
  const arms = [
    (['model', 'request', 'solved', 'interval', 'first', 'cost', 'counts'] as const).map((one) =>
      say(`repro.column.${one}`),
    ),
    ...result.arms.map((arm) => armRow(arm, say)),
  ]
  const members = [
    (['model', 'difference', 'interval', 'verdict', 'needed'] as const).map((one) => say(`repro.column.${one}`)),
    ...result.members.map(({ model, difference: { value, lo, hi }, verdict, needed }) => [
      ...[model, signed(value), `${signed(lo)} – ${signed(hi)}`, say(`repro.verdict.${verdict}`), String(needed)],
    ]),
  ]
  const notes = [
    ...(uplift === null ? [] : [upliftLine(result, say)]),
    ...(uplift === null || uplift.cost_ratio === null || uplift.cost_ratio_ci95 === null
      ? []
      : [
          say('repro.cost', {
            k: ratio(uplift.cost_ratio),
            lo: ratio(uplift.cost_ratio_ci95[0]),
            hi: ratio(uplift.cost_ratio_ci95[1]),
          }),
        ]),
    ...(uplift === null ? [] : [equivalenceLine(equivalence, uplift.tasks, say)]),
    ...(reliability === null
      ? []
      : [
          say('repro.reliability', {
            ...{ success: reliability.success, sessions: reliability.sessions },
            ...{ lo: percent(reliability.wilson95[0]), hi: percent(reliability.wilson95[1]) },
          }),
        ]),
    `${panel.citation}${panel.stale ? `. ${say('repro.stale')}` : ''}`,
    ...(effort.unequal.length === 0 ? [] : [effort.unequal.join(', ')]),
    say('repro.rule'),
    say('repro.lower_bound'),
  ]
  return `${result.headline[lang]}\n\n${table(arms)}\n${members.length > 1 ? `${table(members)}\n` : ''}${notes.join('\n')}\n`
}

type Say = (key: ReproductionKey, slots?: Readonly<Record<string, string | number>>) => string

function armRow(arm: ArmResult, say: Say): readonly string[] {
  const { model, kind, technique, solved, passAt, costMicroUsd } = arm
  return [
    model ?? '–',
    say(`repro.kind.${kind}`, { technique: technique ?? '' }),
    solved === null ? '–' : `${solved.solved}/${solved.tasks}`,
    solved === null ? '–' : `${percent(solved.lo)} – ${percent(solved.hi)}`,
    solved === null ? '–' : percent(passAt[0] ?? 0),
    `$${(costMicroUsd / 1e6).toFixed(2)}`,
    say(countsAs(arm)),
  ]
}

function countsAs({ baseline, target, kind }: ArmResult): ReproductionKey {
  if (kind === 'technique') return 'repro.counts.target'
  if (!baseline) return 'repro.counts.transfer'
  return target ? 'repro.counts.system' : 'repro.counts.baseline'
}

function upliftLine({ uplift, panel }: Reproduction, say: Say): string {
  const { u, ci95, tasks, attempts } = uplift!
  const id = panel.citation.split('@')[0]!
  return say('repro.uplift', {
    ...{ u: signed(u), lo: signed(ci95[0]), hi: signed(ci95[1]), panel: id, tasks, attempts },
  })
}

function equivalenceLine({ needed, shown }: Reproduction['equivalence'], tasks: number, say: Say): string {
  if (shown) return say('repro.equivalence.shown')
  return say(tasks < needed ? 'repro.equivalence.few' : 'repro.equivalence.open', { tasks, needed })
}

const percent = (share: number) => `${figures('en').bound(share, 0)}%`
const ratio = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(2))
