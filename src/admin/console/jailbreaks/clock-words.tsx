import type { Clock } from '../../../core/jailbreaks/registry/clocks.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

/** One clock: what is due, and until when; past due it says so in words and hue. */
export function ClockState({ clock }: { readonly clock: Clock }) {
  const words = useWords()
  const { format } = useSettings()
  const at = format.when(clock.metMs ?? clock.dueMs)
  if (clock.kind === 'embargo')
    return <span className="num">{words(clock.state === 'ended' ? 'jb.clock.ended' : 'jb.clock.until', { at })}</span>
  const text = words(`jb.clock.${clock.state}`, { at })
  return clock.state === 'overdue' ? <span className="verdict fail">{text}</span> : <span>{text}</span>
}

export function ClockName({ clock }: { readonly clock: Clock }) {
  const words = useWords()
  return (
    <>
      {words(`jb.clock.${clock.kind}`)}
      {clock.kind === 'statutory' && clock.name !== null ? <span className="mono text-12"> {clock.name}</span> : null}
    </>
  )
}
