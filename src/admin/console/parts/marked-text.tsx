import type { ReactNode } from 'react'
import type { PublicContent } from '../../contract.ts'

/** The text with the spans that counted marked; spans are in code points and may overlap. */
export function MarkedText({ content }: { readonly content: PublicContent }) {
  const points = Array.from(content.text)
  const spans = content.spans.filter((span) => span.weight > 0).sort((a, b) => a.start - b.start)
  const pieces: ReactNode[] = []
  let at = 0
  for (const span of spans) {
    const start = Math.max(at, span.start)
    if (span.end <= start) continue
    if (start > at) pieces.push(points.slice(at, start).join(''))
    pieces.push(<mark key={start}>{points.slice(start, span.end).join('')}</mark>)
    at = span.end
  }
  pieces.push(points.slice(at).join(''))
  return <>{pieces}</>
}
