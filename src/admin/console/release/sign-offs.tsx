import type { ReleaseDetail } from '../../release-contract.ts'
import { Section } from '../parts/section.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { releasePath } from './api.ts'
import { Approved } from './outcome.tsx'

/** Who signed the manifest, whether somebody objects, and the reports that the pack holds. */
export function SignOffs({ detail }: { readonly detail: ReleaseDetail }) {
  const words = useWords()
  const { format } = useSettings()
  const { row, evidence } = detail
  const { veto } = row.state
  return (
    <>
      <Section title={words('release.signed')} note={row.singlePerson ? words('releases.alone') : undefined}>
        {row.signed.length === 0 ? <p className="text-ink-2">{words('release.signed.none')}</p> : null}
        <ul>
          {row.signed.map(({ authority, person, expiresAtMs }) => (
            <li key={authority} className="py-1 border-b border-line">
              <b className="font-strong">{authority}</b> {person} <Approved />
              <div className="text-12 text-ink-3">
                {words('release.signed.lapses', { at: format.when(expiresAtMs) })}
              </div>
            </li>
          ))}
          {veto === null ? null : (
            <li className="py-1 border-b border-line">
              <b className="font-strong">{words('release.veto')}</b> {veto.by}
              <div className="text-12 text-ink-2">
                {words('release.veto.text', { ground: veto.ground, at: format.when(veto.expiresAtMs) })}
              </div>
            </li>
          )}
        </ul>
      </Section>
      <Section title={words('release.evidence')}>
        {evidence.length === 0 ? <p className="text-ink-2">{words('release.evidence.none')}</p> : null}
        <ul>
          {evidence.map(({ kind, hash, atMs }) => (
            <li key={hash} className="py-1 border-b border-line">
              <a href={`${releasePath(row.id)}/evidence/${encodeURIComponent(hash)}`}>{kind}</a>{' '}
              <span className="mono text-12">{hash.slice(0, 19)}…</span>
              <div className="text-12 text-ink-3 num">{format.when(atMs)}</div>
            </li>
          ))}
        </ul>
      </Section>
    </>
  )
}
