import { useNavigate } from '@tanstack/react-router'
import { Fragment, type KeyboardEvent, useId, useState } from 'react'
import { Dialog } from '../parts/dialog.tsx'
import { useWords, type Words } from '../words.tsx'
import { type PaletteAct, type PaletteItem, paletteItems } from './palette-items.ts'

interface PaletteProps {
  onAct(act: PaletteAct): void
  onClose(): void
}

/** Go to, do, find: one field for all of it, by keyboard. */
export function Palette({ onAct, onClose }: PaletteProps) {
  const words = useWords()
  const navigate = useNavigate()
  const listId = useId()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const items = paletteItems(typed, (key) => words(key))
  const selected = Math.min(at, items.length - 1)
  const take = (item: PaletteItem | undefined) => {
    if (item === undefined) return
    onClose()
    if (item.kind === 'act') onAct(item.act)
    else void navigate({ href: item.to })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter that ends a conversion chooses nothing.
    if (event.nativeEvent.isComposing) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) setAt((selected + step + items.length) % Math.max(1, items.length))
    else if (event.key === 'Enter') take(items[selected])
    else return
    event.preventDefault()
  }
  return (
    <Dialog title={words('palette')} onClose={onClose}>
      <div>
        <input
          data-focus
          className="field"
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={items.length === 0 ? undefined : `${listId}-${selected}`}
          aria-label={words('palette.label')}
          placeholder={words('palette.label')}
          autoComplete="off"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
        <div id={listId} role="listbox" aria-label={words('palette')} className="palette">
          {items.map((item, i) => (
            <Fragment key={keyOf(item)}>
              {i === 0 || groupOf(items[i - 1]!) !== groupOf(item) ? (
                <h3 role="presentation">{words(`palette.${groupOf(item)}`)}</h3>
              ) : null}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys */}
              {/* biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus, and names what is active */}
              <div
                ref={(element) => {
                  if (i === selected) element?.scrollIntoView({ block: 'nearest' })
                }}
                role="option"
                id={`${listId}-${i}`}
                aria-selected={i === selected}
                onClick={() => take(item)}
              >
                <span>{nameOf(item, words)}</span>
                {'keys' in item ? (
                  <span className="kbds">
                    {item.keys.split(' ').map((key) => (key === '' ? null : <kbd key={key}>{key}</kbd>))}
                  </span>
                ) : null}
              </div>
            </Fragment>
          ))}
        </div>
      </div>
    </Dialog>
  )
}

function groupOf({ kind }: PaletteItem): 'go' | 'do' | 'find' {
  return kind === 'act' ? 'do' : kind === 'find' ? 'find' : 'go'
}

function keyOf(item: PaletteItem): string {
  return item.kind === 'act' ? item.act : `${item.kind} ${item.to}`
}

function nameOf(item: PaletteItem, words: Words): string {
  switch (item.kind) {
    case 'object':
      return item.id
    case 'find':
      return words(`palette.find.${item.where}`, { text: item.text })
    default:
      return words(item.name)
  }
}
