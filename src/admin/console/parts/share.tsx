import type { Share } from '../../contract.ts'
import { digitsOf, knownShare, SHARE_NEEDS } from '../format.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { Mark } from './mark.tsx'

/** A share with its interval beneath, never one without the other; `k / n` while there is too little to tell. */
export function ShareCell({ share }: { readonly share: Share }) {
  const { format } = useSettings()
  const known = knownShare(share)
  if (known === null) {
    return (
      <span className="num">
        {format.count(share.k)} / {format.count(share.n)}
      </span>
    )
  }
  const digits = digitsOf(share)
  return (
    <>
      <b className="num">{format.percent(known.share, digits)}</b>
      <span className="text-11 text-ink-3 num">{format.bounds(known.lo, known.hi, digits)}</span>
    </>
  )
}

/** Not knowing has a texture, a word, and the n that decides. */
export function Inconclusive({ share }: { readonly share: Share }) {
  const words = useWords()
  const { format } = useSettings()
  return (
    <span className="verdict inconclusive flex-wrap">
      <Mark name="inconclusive" />
      <b>{words('inconclusive')}</b>
      <span className="text-12 text-ink-2 font-[400]">
        {words('inconclusive.needs', {
          k: format.count(share.k),
          n: format.count(share.n),
          needed: String(SHARE_NEEDS),
        })}
      </span>
    </span>
  )
}
