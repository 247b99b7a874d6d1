import type { ScoredVector } from '../../../core/jailbreaks/severity/levels.ts'
import { SCORED } from '../../../core/jailbreaks/severity/levels.ts'
import { scoreText } from '../../../core/jailbreaks/severity/score.ts'
import { type Step, stepsOf } from '../../../core/jailbreaks/severity/steps.ts'
import { useWords } from '../words.tsx'

/** What every one-step change would give; a press on one takes it. */
export function StepsTable({
  vector,
  onTake,
}: {
  readonly vector: ScoredVector
  onTake(metric: Step['metric'], to: string): void
}) {
  const words = useWords()
  const up = stepsOf(vector, 1)
  const down = stepsOf(vector, -1)
  const cells = (steps: readonly Step[], metric: Step['metric']) => {
    const step = steps.find((one) => one.metric === metric)
    return step === undefined ? (
      <>
        <td className="text-ink-3 pl-1.5!">–</td>
        <td />
      </>
    ) : (
      <>
        <td>
          <button type="button" className="btn quiet mono" onClick={() => onTake(metric, step.to)}>
            {metric} → {step.to}
          </button>
        </td>
        <td className="r">{scoreText(step.tenths)}</td>
      </>
    )
  }
  return (
    <table className="t flush">
      <thead>
        <tr>
          <th scope="col" colSpan={2}>
            {words('severity.up')}
          </th>
          <th scope="col" colSpan={2}>
            {words('severity.down')}
          </th>
        </tr>
      </thead>
      <tbody>
        {SCORED.map((metric) => (
          <tr key={metric}>
            {cells(up, metric)}
            {cells(down, metric)}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
