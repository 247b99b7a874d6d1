import { LEVELS, type Metric, type ScoredMetric, WEIGHTS } from '../../../core/jailbreaks/severity/levels.ts'
import { type SeverityKey, severityWords } from '../../../core/jailbreaks/severity/words.ts'
import { useWords } from '../words.tsx'

interface LevelRowProps {
  readonly metric: Metric
  readonly level: string | null
  /** Null where the metric may be left open and is. */
  onChoose(level: string | null): void
}

const OPTIONAL: ReadonlySet<Metric> = new Set(['LG', 'MT'])

/** One metric: its levels side by side, what the chosen one asks for, and its weight. */
export function LevelRow({ metric, level, onChoose }: LevelRowProps) {
  const words = useWords()
  const say = (key: string) => severityWords(words.lang, key as SeverityKey)
  const levels: readonly (string | null)[] = [
    ...(OPTIONAL.has(metric) ? [null] : []),
    ...(metric === 'UP' ? ['?'] : []),
    ...LEVELS[metric],
  ]
  const name = say(`metric.${metric}`)
  const weights = WEIGHTS as Readonly<Partial<Record<Metric, Readonly<Record<string, number>>>>>
  return (
    <div className="level-row">
      <div>
        <b className="mono">{metric}</b> {name}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a legend that this row does not show */}
      <div className="seg" role="group" aria-label={name}>
        {levels.map((one) => (
          <button
            key={one ?? 'none'}
            type="button"
            aria-pressed={one === level}
            onClick={() => onChoose(one)}
            title={one === null ? words('severity.open') : say(`criterion.${metric}.${one}`)}
          >
            <b className="mono">{one ?? '–'}</b>
            <span className="word">{one === null ? words('severity.open') : wordOf(metric, one, say)}</span>
          </button>
        ))}
      </div>
      <div className="num points">{level === null ? '' : (weights[metric as ScoredMetric]?.[level] ?? '')}</div>
      <p className="criterion">
        {level === null ? (
          words('severity.open')
        ) : (
          <>
            <b>{say(`level.${metric}.${level}`)}</b>
            {words.lang === 'ja' ? '：' : ': '}
            {say(`criterion.${metric}.${level}`)}
          </>
        )}
      </p>
      <details>
        <summary>{words('severity.all')}</summary>
        <dl className="facts">
          {levels.map((one) =>
            one === null ? null : (
              <div key={one} className="contents">
                <dt className="mono">{one}</dt>
                <dd>{say(`criterion.${metric}.${one}`)}</dd>
              </div>
            ),
          )}
        </dl>
      </details>
    </div>
  )
}

/** Levels of evidence have no word beside their letter. */
function wordOf(metric: Metric, level: string, say: (key: string) => string): string {
  return metric === 'CF' ? '' : say(`level.${metric}.${level}`)
}
