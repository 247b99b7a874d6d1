import type { ArmResult, Reproduction } from '../reproduction/result.ts'

/** Says that it is the result file of `sluice reproduce`; whether it is whole is seen when it is read. */
export function isReproduction(value: unknown): value is Partial<Reproduction> {
  return (
    typeof value === 'object' && value !== null && (value as { format?: unknown }).format === 'sluice-reproduction/1'
  )
}

/** A reproduction's result in the shape of a measurement. Not checked: whoever reads the measurement does that. */
export function measurementOf(result: Partial<Reproduction>): object {
  const { panel, uplift, reliability, measurements, members, arms } = result
  const [id, sha256] = String(panel?.citation ?? '').split('@sha256:')
  const date = String(panel?.date ?? '')
  return {
    panel: { id, sha256, date: date.length === 10 ? `${date}T00:00:00Z` : date },
    uplift,
    reliability,
    first_of_its_kind: measurements?.firstOfItsKind ?? false,
    others: measurements?.others ?? othersOf(members),
    matrix: matrixOf(Array.isArray(arms) ? arms : [], Array.isArray(members) ? members : []),
  }
}

function othersOf(members: Reproduction['members'] | undefined): object | null {
  if (!Array.isArray(members) || members.length === 0) return null
  const all = members as Reproduction['members']
  return { same: all.filter(({ verdict }) => verdict === 'same').length, asked: all.length }
}

/** One row per model, the target first; of several public techniques the best. */
function matrixOf(arms: readonly ArmResult[], members: Reproduction['members']): readonly object[] {
  const groups = Map.groupBy(arms, ({ model, id }) => model ?? id)
  return [...groups].map(([member, own]) => ({
    member,
    counts_as: own.some(({ target }) => target) ? 'target' : 'baseline',
    plain: best(own, 'plain', 'no_model'),
    public: best(own, 'public'),
    technique: best(own, 'technique', 'transfer'),
    same: sameOf(members.find(({ model }) => model === member)),
  }))
}

function sameOf(member: Reproduction['members'][number] | undefined): object | null {
  if (member?.difference == null) return null
  const { verdict, difference, needed } = member
  return { verdict, value: difference.value, lo: difference.lo, hi: difference.hi, needed }
}

function best(arms: readonly ArmResult[], ...kinds: readonly ArmResult['kind'][]): object | null {
  const solved = arms.flatMap((arm) => (kinds.includes(arm.kind) && arm.solved != null ? [arm.solved] : []))
  const most = solved.toSorted((a, b) => b.solved - a.solved)[0]
  return most === undefined ? null : { solved: most.solved, tasks: most.tasks }
}
