import type { ReplyState } from '../../report-contract.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

/** The right of reply in a few words: for lists. */
export function ReplyShort({ reply }: { readonly reply: ReplyState }) {
  const words = useWords()
  const { format } = useSettings()
  const { vendor, untilMs, replies } = reply
  if (replies[0] !== undefined)
    return <>{words('jb.reply.by', { vendor: replies[0].by, at: format.when(replies[0].atMs) })}</>
  if (vendor === null) return <>–</>
  if (untilMs === null) return <span className="text-ink-3">{words('jb.reply.short', { vendor })}</span>
  return <>{words('jb.reply.until', { vendor, until: format.when(untilMs) })}</>
}

/** Where no reply is there: whether it was offered, and until when. */
export function ReplyOffer({ reply, nowMs }: { readonly reply: ReplyState; readonly nowMs: number }) {
  const words = useWords()
  const { format } = useSettings()
  const { vendor, untilMs, replies } = reply
  if (replies.length > 0) return null
  const text =
    vendor === null
      ? words('jb.reply.none')
      : untilMs === null
        ? words('jb.reply.not_offered', { vendor })
        : words(nowMs < untilMs ? 'jb.reply.open' : 'jb.reply.waited', { vendor, until: format.when(untilMs) })
  return <p className="text-ink-2">{text}</p>
}
