import { useState } from 'react'
import { useWords } from '../words.tsx'
import { Mark } from './mark.tsx'

export function CopyId({ id }: { readonly id: string }) {
  const words = useWords()
  const [copied, setCopied] = useState(false)
  return (
    <span className="inline-flex items-center gap-2 flex-wrap min-w-0">
      <span className="mono">{id}</span>
      <button
        type="button"
        className="btn quiet text-12"
        onClick={() =>
          navigator.clipboard?.writeText(id).then(
            () => setCopied(true),
            () => setCopied(false),
          )
        }
      >
        <Mark name="copy" />
        <span aria-live="polite">{words(copied ? 'decision.copied' : 'decision.copy')}</span>
      </button>
    </span>
  )
}
