import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { compare } from '../../../core/jailbreaks/severity/compare.ts'
import { isScored, SCORED } from '../../../core/jailbreaks/severity/levels.ts'
import { scoreText } from '../../../core/jailbreaks/severity/score.ts'
import { stepsOf } from '../../../core/jailbreaks/severity/steps.ts'
import { parseVector } from '../../../core/jailbreaks/severity/vector.ts'
import { severityWords } from '../../../core/jailbreaks/severity/words.ts'
import type { ReportDetail } from '../../report-contract.ts'
import { Facts, mono } from '../parts/facts.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { precedentsQuery, reportPath } from './api.ts'
import { ClockName, ClockState } from './clock-words.tsx'
import { Prescribed } from './prescribed.tsx'
import { scoreWords } from './score.tsx'
import { headlineVector } from './vector.ts'
import { eventWords } from './words.ts'

/** What stands beside the finding: action and clocks first, then what it touches, other scales, and the past. */
export function Side({ detail }: { readonly detail: ReportDetail }) {
  const words = useWords()
  const { format } = useSettings()
  const { case: one, clocks, mayBrief, history, published } = detail
  const missing = mayBrief.missing.map(({ what }) => words(`jb.missing.${what}`))
  return (
    <>
      <Prescribed detail={detail} />
      <h3>{words('jb.clocks')}</h3>
      <dl className="facts">
        {clocks.map((clock) => (
          <div key={`${clock.kind} ${clock.name}`} className="contents">
            <dt>
              <ClockName clock={clock} />
            </dt>
            <dd>
              <ClockState clock={clock} />
            </dd>
          </div>
        ))}
      </dl>
      <h3>{words('jb.briefing')}</h3>
      <p>
        {mayBrief.allowed ? words('jb.briefing.yes') : words('jb.briefing.no', { missing: words.list(...missing) })}
      </p>
      <h3>{words('jb.affected')}</h3>
      <Facts
        rows={[
          [
            words('jb.model'),
            mono(one.affected.map(({ model }) => `${model.vendor}/${model.name} ${model.version}`).join(', ')),
          ],
          [words('jb.safeguard'), mono(one.affected.map(({ safeguard }) => safeguard.introduced ?? '–').join(', '))],
          [words('jb.harm'), mono(one.harm)],
          [words('jb.class'), mono(one.technique.class)],
          [words('jb.fixed'), one.fixed === null ? null : mono(one.fixed.release)],
          [
            words('jb.transfer'),
            one.transfer.length === 0
              ? null
              : mono(one.transfer.map(({ vendor, name }) => `${vendor}/${name}`).join(', ')),
          ],
          [words('jb.share'), one.legitimateNote],
          [words('jb.reporter'), `${one.reporter.org}, ${one.reporter.contact}`],
          [words('jb.reported'), format.when(one.reportedAtMs)],
          [words('jb.shared'), mono(`TLP:${one.tlp}`)],
        ]}
      />
      <Scales detail={detail} />
      <h3>{words('jb.artefacts')}</h3>
      {one.artefacts.length === 0 ? (
        <p className="text-ink-3">–</p>
      ) : (
        one.artefacts.map(({ kind, sha256, access }) => (
          <p key={sha256}>
            {kind}, {access}
            <br />
            <span className="mono text-ink-3">sha256:{sha256.slice(0, 16)}…</span>
          </p>
        ))
      )}
      <Precedents detail={detail} />
      <h3>{words('jb.timeline')}</h3>
      <ul className="timeline">
        {history.map((each) => (
          <li key={each.seq}>
            <span className="num text-ink-3">
              {format.day(each.atMs)} {format.minute(each.atMs)}
            </span>
            <span>
              {eventWords(each.kind, words)} <span className="text-ink-3">{words.list(each.by, each.reason)}</span>
            </span>
          </li>
        ))}
      </ul>
      <h3>{words('jb.published')}</h3>
      {published.length === 0 ? <p className="text-ink-3">{words('jb.published.none')}</p> : null}
      {published.map((each) => (
        <p key={`${each.atMs} ${each.sha256}`}>
          <a href={`${reportPath(one.id)}/record?sha256=${each.sha256}`}>
            <span className="mono">TLP:{each.tlp}</span>
          </a>{' '}
          {format.when(each.atMs)}
        </p>
      ))}
      <p className="text-ink-3 mt-2">{words('jb.withheld')}</p>
    </>
  )
}

function Scales({ detail }: { readonly detail: ReportDetail }) {
  const words = useWords()
  const found = headlineVector(detail)
  if (found === null) return null
  const vector = parseVector(found.vector)
  const { cjs, reasons } = compare(vector, detail.case.harm.split('.')[0] === 'cyber', null)
  const [up, down] = isScored(vector) ? [stepsOf(vector, 1), stepsOf(vector, -1)] : [[], []]
  const step = (steps: typeof up, metric: (typeof SCORED)[number]) => steps.find((one) => one.metric === metric)
  return (
    <>
      <h3>{words('jb.scales')}</h3>
      <Facts
        rows={[
          [
            'CJS',
            <>
              {cjs === null ? '–' : words.list(String(cjs.sum), cjs.band)}
              <br />
              <span className="text-ink-3">{severityWords(words.lang, 'cjs.draft')}</span>
            </>,
          ],
        ]}
      />
      {reasons.map((reason) => (
        <p key={reason} className="caption">
          {severityWords(words.lang, `reason.${reason}`)}
        </p>
      ))}
      {up.length === 0 ? null : (
        <>
          <h3>{words('jb.steps')}</h3>
          <table className="t flush steps">
            <tbody>
              {SCORED.map((metric) => (
                <tr key={metric}>
                  {[step(up, metric), step(down, metric)].map((one, i) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: up and down never change places
                    <td key={i} className="mono num">
                      {one === undefined ? '–' : `${metric} → ${one.to} ${scoreText(one.tenths)}`}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  )
}

function Precedents({ detail }: { readonly detail: ReportDetail }) {
  const words = useWords()
  const { format } = useSettings()
  const { data } = useQuery(precedentsQuery(detail.case.id))
  return (
    <>
      <h3>{words('jb.precedents')}</h3>
      {data === undefined ? null : data.items.length === 0 ? (
        <p className="text-ink-3">{words('jb.precedents.none')}</p>
      ) : (
        <ul>
          {data.items.slice(0, 5).map((found) => (
            <li key={found.id}>
              <Link className="mono" to="/jailbreaks/$id" params={{ id: found.id }}>
                {found.id}
              </Link>{' '}
              {format.decimal(found.likeness, 2)} {scoreWords(found.row, words)}
              <br />
              <span className="text-ink-3">
                {words.list(
                  found.sameTechnique ? words('jb.same.technique') : '',
                  found.vectorLikeness === null
                    ? ''
                    : words('jb.same.vector', { share: format.decimal(found.vectorLikeness, 2) }),
                  found.sameModelFamily ? words('jb.same.model') : '',
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="caption">{words('jb.precedents.note')}</p>
    </>
  )
}
