import { type FormEvent, type RefObject, useState } from 'react'
import { isAction } from '../parts/is-action.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { FILTER_FIELDS, type FilterField, type Filters, without, withTyped } from './filters.ts'

interface FilterBarProps {
  readonly filters: Filters
  readonly shown: number
  readonly total: number
  readonly input: RefObject<HTMLInputElement | null>
  onChange(filters: Filters): void
}

/** Chips `field value ×`, then free text in the same grammar; always says how many are shown. */
export function FilterBar({ filters, shown, total, input, onChange }: FilterBarProps) {
  const words = useWords()
  const { format } = useSettings()
  const [typed, setTyped] = useState('')
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim() === '') return
    onChange(withTyped(filters, typed))
    setTyped('')
  }
  const nameOf = (field: FilterField, value: string) =>
    words.list(
      ...value
        .split(',')
        .map((one) => (isAction(one) ? words.action(one) : field === 'category' ? words.category(one) : one)),
    )
  return (
    <search>
      <form className="filter" onSubmit={onSubmit}>
        {FILTER_FIELDS.map((field) => {
          const value = filters[field]
          if (value === undefined) return null
          const name = nameOf(field, value)
          return (
            <span key={field} className="chip" data-field={field}>
              {words(`field.${field}`)} <b>{name}</b>
              <button
                type="button"
                aria-label={words('live.remove', { field: words(`field.${field}`), value: name })}
                onClick={() => onChange(without(filters, field))}
              >
                ×
              </button>
            </span>
          )
        })}
        <input
          ref={input}
          value={typed}
          aria-label={words('live.filter.label')}
          placeholder={words('live.filter')}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return
            if (event.key === 'Escape') event.currentTarget.blur()
            const last = FILTER_FIELDS.findLast((field) => filters[field] !== undefined)
            if (event.key === 'Backspace' && typed === '' && last !== undefined) onChange(without(filters, last))
          }}
        />
        <span className="text-ink-3 text-12 num" aria-live="polite">
          {words('live.shown', { shown: format.count(shown), total: format.count(total) })}
        </span>
      </form>
    </search>
  )
}
