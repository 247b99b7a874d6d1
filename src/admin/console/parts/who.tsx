import { type FormEvent, useId, useState } from 'react'
import { useWords } from '../words.tsx'

const KEY = 'sluice.reviewer'

/** The name that labels and decisions carry; empty until somebody gave one in this browser. */
export function useWho(): readonly [name: string, setName: (name: string) => void] {
  const [name, setName] = useState(() => {
    try {
      return localStorage.getItem(KEY) ?? ''
    } catch {
      return ''
    }
  })
  return [
    name,
    (next) => {
      setName(next)
      try {
        localStorage.setItem(KEY, next)
      } catch {
        // A browser that stores nothing asks again on the next page.
      }
    },
  ]
}

/** Asks for a name, or says which one is used and lets it be changed. */
export function Who({ name, onName }: { readonly name: string; onName(name: string): void }) {
  const words = useWords()
  const id = useId()
  const [typed, setTyped] = useState('')
  if (name !== '')
    return (
      <span className="text-12 text-ink-3">
        {words('who.now', { name })}{' '}
        <button type="button" className="btn quiet text-12" onClick={() => onName('')}>
          {words('who.change')}
        </button>
      </span>
    )
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim() !== '') onName(typed.trim())
  }
  return (
    <form className="note-bar" onSubmit={onSubmit}>
      <label htmlFor={id} className="font-strong">
        {words('who.label')}
      </label>
      <span className="flex gap-2">
        <input
          id={id}
          className="field"
          maxLength={100}
          autoComplete="name"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <button type="submit" className="btn primary">
          {words('who.set')}
        </button>
      </span>
      <span className="note">{words('who.why')}</span>
    </form>
  )
}
