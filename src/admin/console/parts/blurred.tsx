import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react'
import { isTyping } from '../shell/use-keys.ts'
import { useWords } from '../words.tsx'

interface BlurredProps {
  readonly children: ReactNode
  /** Space reveals wherever the focus is, as long as it is on no control. */
  readonly anywhere?: boolean
  readonly className?: string
  /** Language of the text, where it is known. */
  readonly lang?: string
}

/** Text that is clear only while a button or Space is held. */
export function Blurred({ children, anywhere = false, className = 'quote', lang }: BlurredProps) {
  const words = useWords()
  const [shown, setShown] = useState(false)

  useEffect(() => {
    if (!anywhere) return
    const down = (event: globalThis.KeyboardEvent) => {
      if (event.key !== ' ' || isTyping(event) || (event.target as Element).closest('button, a, dialog')) return
      event.preventDefault()
      setShown(true)
    }
    const up = () => setShown(false)
    addEventListener('keydown', down)
    addEventListener('keyup', up)
    addEventListener('blur', up)
    return () => {
      removeEventListener('keydown', down)
      removeEventListener('keyup', up)
      removeEventListener('blur', up)
    }
  }, [anywhere])

  const hide = () => setShown(false)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== ' ') return
    event.preventDefault()
    setShown(true)
  }
  return (
    <div className={`frame${shown ? ' shown' : ''}`}>
      <div className={`blurred ${className}`} lang={lang} aria-hidden={!shown}>
        {children}
      </div>
      <button
        type="button"
        className="btn quiet text-12 select-none touch-none"
        aria-label={words('reveal.label')}
        aria-pressed={shown}
        onPointerDown={() => setShown(true)}
        onPointerUp={hide}
        onPointerLeave={hide}
        onPointerCancel={hide}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={onKeyDown}
        onKeyUp={hide}
        onBlur={hide}
      >
        {words('reveal')} <kbd>Space</kbd>
      </button>
    </div>
  )
}
