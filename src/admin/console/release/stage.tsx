import type { ReleaseRow } from '../../release-contract.ts'
import { useWords, type Words } from '../words.tsx'

/** Stage in words, with the share of a canary and what stands beside the stage. */
export function stageWords(row: ReleaseRow, words: Words): string {
  const { stage, veto } = row.state
  const name =
    stage === 'canary' && row.percent !== null
      ? words('stage.percent', { percent: String(row.percent) })
      : words(`stage.${stage}`)
  return words.list(
    name,
    row.paused === null ? '' : words('stage.paused'),
    veto === null ? '' : words('stage.vetoed'),
    row.dryRun ? words('stage.dry_run') : '',
    row.inForce && stage === 'superseded' ? words('stage.again') : '',
  )
}

const PATH = ['draft', 'evaluated', 'review', 'shadow'] as const

/** Where the release stands on its way: done, now, to come. An end that is not on the way stands after where it ended. */
export function StageLine({ row, steps }: { readonly row: ReleaseRow; readonly steps: readonly number[] }) {
  const words = useWords()
  const { stage } = row.state
  const places = [
    ...PATH.map((one) => ({ key: one as string, text: words(`stage.${one}`) })),
    ...steps.map((percent, i) => ({ key: `canary ${i}`, text: words('stage.percent', { percent: String(percent) }) })),
    { key: 'enforcing', text: words('stage.enforcing') },
  ]
  const at = places.findIndex(({ key }) => key === (stage === 'canary' ? `canary ${row.step ?? 0}` : stage))
  const ended = at < 0 ? words(`stage.${stage}`) : null
  return (
    <ol className="stages" aria-label={words('release.stage')}>
      {places.map(({ key, text }, i) => (
        <li key={key} className={i < at ? 'done' : i === at ? 'now' : ''} aria-current={i === at ? 'step' : undefined}>
          {text}
        </li>
      ))}
      {ended === null ? null : (
        <li className="now" aria-current="step">
          {ended}
        </li>
      )}
    </ol>
  )
}
