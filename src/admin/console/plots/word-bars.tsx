import type { Action } from '../../../core/policy/policy.ts'
import type { PublicContent } from '../../contract.ts'
import { useWords } from '../words.tsx'

const MOST = 6
const LENGTH = 36
const ROW_PX = 25
/** Width of the phrases, in per cent. */
const TEXT = 48

interface WordBarsProps {
  readonly content: PublicContent
  readonly action: Action
}

/** The heaviest phrases, each against the heaviest: no scores, since a caller must not learn the threshold. */
export function WordBars({ content, action }: WordBarsProps) {
  const words = useWords()
  const points = Array.from(content.text)
  const spans = content.spans.slice(0, MOST)
  const top = Math.max(0, ...spans.map((span) => span.weight))
  if (spans.length === 0 || !(top > 0)) return null
  const least = Math.min(0, ...spans.map((span) => span.weight))
  const scale = (100 - TEXT) / (top - least)
  const zero = TEXT - least * scale
  return (
    <ol className="max-w-[620px] mt-3" aria-label={words('decision.words.bars')}>
      {spans.map((span) => {
        const width = Math.abs(span.weight) * scale
        const less = span.weight < 0
        return (
          <li key={`${span.start}-${span.end}`} className="relative" style={{ height: ROW_PX }}>
            <span
              className="absolute inset-y-0 left-0 trunc text-11 leading-[25px]"
              style={{ maxWidth: `${TEXT - 2}%` }}
            >
              {words.quote(shorten(points.slice(span.start, span.end)))}
            </span>
            <svg className="plot absolute inset-0" height={ROW_PX} aria-hidden="true">
              <line className="axis" x1={`${zero}%`} x2={`${zero}%`} y1="3" y2={ROW_PX - 4} />
              <rect
                className={`bar soft k-${less ? 'allow' : action}`}
                x={`${less ? zero - width : zero}%`}
                y="6"
                width={`${width}%`}
                height="12"
              />
            </svg>
          </li>
        )
      })}
    </ol>
  )
}

function shorten(points: readonly string[]): string {
  const text = points.join('').replaceAll(/\s+/g, ' ').trim()
  const short = Array.from(text)
  return short.length > LENGTH ? `${short.slice(0, LENGTH - 1).join('')}…` : text
}
