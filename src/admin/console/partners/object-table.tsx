import { Link } from '@tanstack/react-router'
import { bandOf, scoreText } from '../../../core/jailbreaks/severity/score.ts'
import { severityWords } from '../../../core/jailbreaks/severity/words.ts'
import type { Opinion, PartnerObject } from '../../partner-contract.ts'
import { useWords } from '../words.tsx'
import { objectPath } from './api.ts'

/** Records in force, whoever published them, with every party's word beside them. */
export function ObjectTable({ objects }: { readonly objects: readonly PartnerObject[] }) {
  const words = useWords()
  return (
    <table className="t flush wraps objects">
      <thead>
        <tr>
          <th scope="col">{words('pt.record')}</th>
          <th scope="col">{words('pt.score')}</th>
          <th scope="col">{words('pt.said')}</th>
        </tr>
      </thead>
      <tbody>
        {objects.map((object) => (
          <Row key={`${object.publisher}/${object.id}`} object={object} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ object }: { readonly object: PartnerObject }) {
  const words = useWords()
  const { publisher, id, level, summary, withdrawn, disputed, cells, opinions, local } = object
  return (
    <tr data-object={`${publisher}/${id}`}>
      <td>
        {summary[words.lang]}
        <span className="block text-12 text-ink-3">
          <span className="mono">
            {publisher}/{id}
          </span>{' '}
          {level.toUpperCase()} <a href={objectPath(publisher, id)}>{words('pt.json')}</a>
        </span>
        {local === null ? null : (
          <span className="block text-12">
            <Link to="/jailbreaks/$id" params={{ id: local }}>
              {words('pt.local', { id: local })}
            </Link>
          </span>
        )}
      </td>
      <td>
        {withdrawn ? <b>{words('jb.withdrawn')}</b> : null}
        {disputed && !withdrawn ? <b>{words('jb.disputed')}</b> : null}
        {cells.map(({ target, harm, tenths, parties, apart }) => (
          <span key={`${target} ${harm}`} className="block">
            {tenths === null ? (
              disputed ? null : (
                words('pt.unmeasured')
              )
            ) : (
              <b className="font-strong">
                {words('severity.h1', {
                  band: severityWords(words.lang, `band.${bandOf(tenths)}`),
                  score: scoreText(tenths),
                })}
              </b>
            )}
            <span className="block text-11 text-ink-3">
              {words.list(harm, words('pt.parties', { n: String(parties) }))}
            </span>
            {apart.length === 0 ? null : (
              <span className="block text-12">{words('jb.apart', { metrics: words.list(...apart) })}</span>
            )}
          </span>
        ))}
      </td>
      <td>
        {opinions.length === 0 ? (
          <span className="text-ink-3">{words('pt.said.none')}</span>
        ) : (
          opinions.map((one) => <Said key={`${one.by}/${one.id}`} opinion={one} />)
        )}
      </td>
    </tr>
  )
}

function Said({ opinion }: { readonly opinion: Opinion }) {
  const words = useWords()
  const { by, at, aboutThis, vector } = opinion
  return (
    <span className="block">
      <b>{by}</b> {saidWords(opinion)} <span className="text-12 text-ink-3 num">{at.slice(0, 10)}</span>
      {vector === null ? null : <span className="block mono text-12 break">{vector}</span>}
      {aboutThis ? null : <span className="block text-12 text-ink-3">{words('pt.other.version')}</span>}
    </span>
  )

  function saidWords({ kind, claim, settled }: Opinion): string {
    switch (kind) {
      case 'dispute':
        return settled === null
          ? words('pt.kind.dispute', { claim: claim ?? '' })
          : words('pt.kind.dispute.settled', { claim: claim ?? '', at: settled.slice(0, 10) })
      default:
        return words(`pt.kind.${kind}`)
    }
  }
}
