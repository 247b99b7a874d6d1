import type { Plan } from '../../../core/safeguards/plan.ts'
import { useWords } from '../words.tsx'

/** Every value that differs, one a line. */
export function PlanTable({ plan }: { readonly plan: Plan }) {
  const words = useWords()
  const values = [...plan.actions, ...plan.thresholds, plan.model, ...plan.cascade, plan.sunset].filter(
    (one) => one !== null,
  )
  const lists = (['added', 'removed', 'changed'] as const).flatMap((how) => [
    ...plan.rules[how].map((name) => ({ name: words('release.plan.rule', { name }), how })),
    ...plan.families[how].map((name) => ({ name: words('release.plan.family', { name }), how })),
  ])
  if (values.length + lists.length === 0) return <p className="text-ink-2">{words('release.plan.same')}</p>
  return (
    <table className="t flush wraps">
      <thead>
        <tr>
          <th scope="col">{words('release.plan.what')}</th>
          <th scope="col">{words('release.plan.before')}</th>
          <th scope="col">{words('release.plan.after')}</th>
          <th scope="col">{words('release.plan.effect')}</th>
        </tr>
      </thead>
      <tbody>
        {values.map(({ at, before, after, effect }) => (
          <tr key={at}>
            <td className="mono text-12">{at}</td>
            <td className="mono text-12">{short(before)}</td>
            <td className="mono text-12">
              <b>{short(after)}</b>
            </td>
            <td className="whole">{words(`effect.${effect}`)}</td>
          </tr>
        ))}
        {lists.map(({ name, how }) => (
          <tr key={`${how} ${name}`}>
            <td>{name}</td>
            <td className="text-ink-3">–</td>
            <td className="text-ink-3">–</td>
            <td className="whole">{words(`effect.${how}`)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A hash is told apart by its first digits. */
function short(value: string): string {
  return value.length > 24 ? `${value.slice(0, 20)}…` : value
}
