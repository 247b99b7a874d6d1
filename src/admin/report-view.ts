import type { Case } from '../core/jailbreaks/registry/case.ts'
import { replyUntilMs } from '../core/jailbreaks/registry/clocks.ts'
import { isStale } from '../core/jailbreaks/registry/evidence.ts'
import { movesFrom } from '../core/jailbreaks/registry/stage.ts'
import { assessedInterval } from '../core/jailbreaks/registry/standing.ts'
import { rankOf } from '../core/jailbreaks/severity/levels.ts'
import type { CellState } from '../core/jailbreaks/severity/prescribe.ts'
import { rate } from '../core/jailbreaks/severity/score.ts'
import { formatVector, parseVector } from '../core/jailbreaks/severity/vector.ts'
import type { CaseView, Registry } from '../jobs/registry.ts'
import type { ReportCell, ReportDetail, ReportRow } from './report-contract.ts'

export function rowOf({ case: one, state, clocks }: CaseView): ReportRow {
  const grades = state.cells
    .map(({ consensus }) => consensus.vector.CF)
    .sort((a, b) => rankOf('CF', a) - rankOf('CF', b))
  return {
    ...{ id: one.id, stage: one.stage, summary: one.summary, reporter: one.reporter.org, harm: one.harm, tlp: one.tlp },
    ...{ technique: one.technique.class, statutory: one.technique.statutory, reportedAtMs: one.reportedAtMs },
    ...{ headline: state.headline, disputed: state.disputed, stale: state.stale, action: state.action },
    grade: grades[0] ?? null,
    overridden: state.override !== null,
    clock:
      clocks.find((each) => each.state === 'overdue' || (each.state === 'running' && each.kind !== 'embargo')) ?? null,
    reply: {
      vendor: one.vendor.org,
      offeredAtMs: one.vendor.replyOffered?.atMs ?? null,
      untilMs: replyUntilMs(one, state),
      replies: one.statements.flatMap((each) => (each.kind === 'reply' ? [each] : [])).reverse(),
    },
    withdrawn: one.withdrawn,
  }
}

export async function detailOf(view: CaseView, registry: Registry, nowMs: number): Promise<ReportDetail> {
  const [history, published] = await Promise.all([registry.history(view.case.id), registry.published(view.case.id)])
  return {
    nowMs,
    row: rowOf(view),
    case: view.case,
    cells: view.state.cells.map((state) => cellOf(view.case, state, nowMs)),
    prescription: view.state.prescription,
    clocks: view.clocks,
    open: movesFrom(view.case.stage),
    mayBrief: registry.mayBrief(view.case),
    history,
    published: published.map(({ text: _text, ...rest }) => rest),
  }
}

function cellOf(one: Case, { cell, consensus, standing }: CellState, nowMs: number): ReportCell {
  const replaced = new Map(cell.superseded.map(({ assessment, by }) => [assessment.id, by]))
  const own = one.assessments.filter(({ target, harm }) => target === cell.target && harm === cell.harm)
  return {
    ...{ target: cell.target, harm: cell.harm, consensus: formatVector(consensus.vector) },
    ...{ tenths: standing.tenths, upper: standing.upper, apart: consensus.apart, disputed: consensus.disputed },
    assessments: own.map((filed) => ({
      ...filed,
      supersededBy: replaced.get(filed.id) ?? null,
      tenths: rate(parseVector(filed.vector)).tenths,
      interval: assessedInterval(filed),
      stale: isStale(filed.panel, nowMs),
    })),
  }
}
