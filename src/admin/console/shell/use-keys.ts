import { useEffect, useRef } from 'react'

/** True while a person writes: in a field, or while an input method composes. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.isComposing) return true
  return (
    event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]') !== null
  )
}

/** As it is written on the keys of this machine. */
export const PALETTE_KEYS = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘ K' : 'Ctrl K'

const CHORD_MS = 1500

/**
 * Single keys of a page, and two-key chords written as `g h`. Off in fields, while composing, in dialogs, and with
 * modifiers; Enter and Space stay with the control that has the focus.
 */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    let first = ''
    let firstAt = 0
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return
      if (document.querySelector('dialog[open]') !== null) return
      const onControl = event.target instanceof Element && event.target.closest('a, button') !== null
      if (event.key === 'Enter' && onControl) return
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      const chord = event.timeStamp - firstAt < CHORD_MS ? `${first} ${key}` : key
      first = key
      firstAt = event.timeStamp
      const act = latest.current[chord] ?? latest.current[key]
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}

/** Ctrl-K or ⌘K, also while a person writes; not over a dialog, nor while an input method composes. */
export function usePaletteKey(open: () => void): void {
  const latest = useRef(open)
  useEffect(() => {
    latest.current = open
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || event.ctrlKey === event.metaKey || event.altKey || event.shiftKey) return
      if (event.isComposing || document.querySelector('dialog[open]') !== null) return
      event.preventDefault()
      latest.current()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}
