import { Dialog } from '../parts/dialog.tsx'
import { type PlainKey, useWords } from '../words.tsx'
import { PALETTE_KEYS } from './use-keys.ts'

const KEYS: readonly (readonly [head: PlainKey, keys: readonly (readonly [key: string, does: PlainKey])[]])[] = [
  [
    'keys.everywhere',
    [
      ['G H', 'keys.go.home'],
      ['G L', 'keys.go.live'],
      ['G S', 'keys.go.releases'],
      ['G Q', 'keys.go.review'],
      ['G R', 'keys.go.review'],
      ['G A', 'keys.go.appeals'],
      ['G C', 'keys.go.collateral'],
      ['G I', 'keys.go.jailbreaks'],
      ['G E', 'keys.go.record'],
      [PALETTE_KEYS, 'keys.palette'],
      ['?', 'keys.help'],
      ['Esc', 'keys.back'],
    ],
  ],
  [
    'keys.live',
    [
      ['J K', 'keys.move'],
      ['Enter', 'keys.open'],
      ['P', 'keys.pause'],
      ['/', 'keys.filter'],
      ['Space', 'keys.reveal'],
    ],
  ],
  [
    'nav.review',
    [
      ['J K', 'keys.move'],
      ['1 2 3 4', 'keys.label'],
      ['B', 'keys.cluster'],
      ['N', 'keys.next'],
      ['U', 'keys.undo'],
      ['Space', 'keys.reveal'],
    ],
  ],
]

export function KeysDialog({ onClose }: { onClose(): void }) {
  const words = useWords()
  return (
    <Dialog title={words('keys.title')} onClose={onClose}>
      <div className="grid grid-cols-2 max-p2:grid-cols-1 gap-6">
        {KEYS.map(([head, keys]) => (
          <section key={head}>
            <h3>{words(head)}</h3>
            <dl className="facts mt-1">
              {keys.map(([key, does]) => (
                <div key={key} className="contents">
                  <dt className="inline-flex gap-1">
                    {key.split(' ').map((one) => (
                      <kbd key={one}>{one}</kbd>
                    ))}
                  </dt>
                  <dd>{words(does)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <button type="button" data-focus className="btn justify-self-start" onClick={onClose}>
          {words('dialog.close')}
        </button>
      </div>
    </Dialog>
  )
}
