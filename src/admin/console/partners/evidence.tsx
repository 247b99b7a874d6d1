import type { PartnerFeed } from '../../partner-contract.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

/** A feed that stopped, with both signed checkpoints: each is its partner's own word against the other. */
export function Evidence({ feed }: { readonly feed: PartnerFeed }) {
  const words = useWords()
  const { format } = useSettings()
  const { stopped, partner, level, origin } = feed
  if (stopped === null) return null
  const heads = ['pt.stop.known', 'pt.stop.served'] as const
  return (
    <div className="note-bar k-refuse" role="alert">
      <div className="min-w-0 w-full">
        <b>{words('pt.stop.title', { partner, level: level.toUpperCase() })}</b>
        <p>{words(`pt.stop.${stopped.reason}`, { origin, at: format.when(stopped.atMs) })}</p>
        <pre className="mono text-12">
          sluice feed resume {partner} --level {level} -m …
        </pre>
        <div className="notes">
          {heads.map((head, i) => (
            <div key={head} className="min-w-0">
              <h3>{words(head)}</h3>
              <pre className="mono text-12 bytes">{stopped.notes[i] ?? words('pt.stop.missing')}</pre>
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}

/** What was not applied, and why. */
export function SetAside({ feeds }: { readonly feeds: readonly PartnerFeed[] }) {
  const words = useWords()
  return (
    <table className="t flush wraps">
      <thead>
        <tr>
          <th scope="col">{words('pt.partner')}</th>
          <th scope="col">{words('pt.aside.place')}</th>
          <th scope="col">{words('pt.aside.reason')}</th>
        </tr>
      </thead>
      <tbody>
        {feeds.flatMap(({ partner, level, quarantined }) =>
          quarantined.map(({ index, pointer, reason, detail }) => (
            <tr key={`${partner} ${level} ${index}`}>
              <td>
                {partner} <span className="text-12 text-ink-3">{level.toUpperCase()}</span>
              </td>
              <td>
                <span className="num">{index}</span> <span className="mono">{pointer?.id ?? ''}</span>
              </td>
              <td>
                <span className="mono">{reason}</span> <span className="text-12 text-ink-2">{detail}</span>
              </td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  )
}
