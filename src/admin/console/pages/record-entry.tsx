import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { hex } from '../../../core/base/bytes.ts'
import { utf8Text } from '../../../core/base/utf8.ts'
import type { Checkpoint } from '../../../core/record/checkpoint.ts'
import { formatProof } from '../../../core/record/offline-proof.ts'
import { Section } from '../parts/section.tsx'
import { Failed, Loading, Missing } from '../parts/states.tsx'
import { type CheckedHead, entryQuery, recordHeadQuery } from '../record/api.ts'
import type { CheckedEntry } from '../record/check-entry.ts'
import { CheckpointFacts } from '../record/checkpoint-facts.tsx'
import { Checks, headFails, historyOutcome } from '../record/checks.tsx'
import { EntryFacts } from '../record/entry-facts.tsx'
import { PathPlot } from '../record/path-plot.tsx'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords, type Words } from '../words.tsx'
import { NoCheckpoint, RecordPage } from './record.tsx'

/** One entry under its permanent address: what it says, and its way to the signed root. */
export function RecordEntryPage({ index }: { readonly index: string }) {
  const words = useWords()
  const { format } = useSettings()
  const { data: checked, error, refetch } = useQuery(recordHeadQuery)
  const at = /^(0|[1-9]\d{0,15})$/.test(index) ? Number(index) : -1
  const size = checked?.head.checkpoint?.size ?? 0
  if (checked === undefined)
    return error === null ? <Loading rows={10} /> : <Failed error={error} onRetry={() => void refetch()} />
  if (checked === null) return <NoCheckpoint />
  if (checked.head.checkpoint === null) return <RecordPage search={{}} />
  if (at < 0 || at >= size)
    return (
      <Missing
        title={words('record.one.beyond', { index })}
        text={words('record.one.beyond.text', { n: format.count(size), last: String(size - 1) })}
      >
        <Link to="/record">{words('record.one.back')}</Link>
      </Missing>
    )
  return <One checked={checked} checkpoint={checked.head.checkpoint} index={at} />
}

interface OneProps {
  readonly checked: CheckedHead
  readonly checkpoint: Checkpoint
  readonly index: number
}

function One({ checked, checkpoint, index }: OneProps) {
  const words = useWords()
  const { format } = useSettings()
  const { data: row, error, refetch } = useQuery(entryQuery(checkpoint, index))
  const title = row === undefined ? words('nav.record') : headline(checked, row, words)
  useTitle(title)
  if (row === undefined)
    return error === null ? <Loading rows={10} /> : <Failed error={error} onRetry={() => void refetch()} />
  const { entry, bytes, leaf, steps, fault } = row
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-12 text-ink-3 mb-2">
        <Link to="/record">{words('record.one.back')}</Link>
        {index > 0 ? <Beside index={index - 1} /> : null}
        {index + 1 < checkpoint.size ? <Beside index={index + 1} /> : null}
        {fault === null ? <ProofFile row={row} note={checked.head.note} /> : null}
      </p>
      <div className="page-head">
        <div className="min-w-0">
          <h1>{title}</h1>
          <p className="lede">{words('record.lede')}</p>
        </div>
      </div>
      {fault === null ? null : (
        <div className="note-bar k-refuse" role="alert">
          <b>{words('record.one.bad', { index: String(index) })}</b>
          <span>{words(`record.fault.${fault}`)}</span>
        </div>
      )}
      <div className="cols">
        <div className="col-span-8">
          {entry === null || bytes === null ? null : (
            <Section
              title={words('record.one.content')}
              note={words('record.one.content.note', { n: format.count(bytes.length) })}
            >
              <EntryFacts entry={entry} />
            </Section>
          )}
          <Section
            title={words('record.one.path')}
            note={steps.length === 0 ? undefined : words('record.one.path.note', { n: format.count(steps.length) })}
          >
            {leaf === null || (steps.length === 0 && checkpoint.size > 1) ? (
              <p className="text-ink-2">{words('record.one.path.missing')}</p>
            ) : (
              <>
                {steps.length === 0 ? <p className="text-ink-2 mb-2">{words('record.one.path.none')}</p> : null}
                <PathPlot leaf={leaf} steps={steps} root={checkpoint.root} />
                <p className="caption">
                  {words('record.one.leaf')} <span className="mono break">{hex(leaf)}</span>
                </p>
              </>
            )}
          </Section>
          {bytes === null ? null : (
            <Section title={words('record.one.bytes')}>
              <pre className="mono text-12 bytes">{utf8Text(bytes) ?? hex(bytes)}</pre>
            </Section>
          )}
        </div>
        <aside className="col-span-4">
          <Section title={words('record.checks')}>
            <Checks checked={checked} rows={[row]} />
          </Section>
          <Section title={words('record.checkpoint')}>
            <CheckpointFacts head={checked.head} checkpoint={checkpoint} newest={null} />
          </Section>
        </aside>
      </div>
    </>
  )
}

function headline(checked: CheckedHead, { index, entry, fault }: CheckedEntry, words: Words): string {
  if (historyOutcome(checked) === 'fail') return words('record.h1.history')
  if (headFails(checked)) return words('record.h1.head')
  if (fault !== null || entry === null) return words('record.one.bad', { index: String(index) })
  const names = { index: String(index), kind: words(`record.kind.${entry.k}`) }
  return checked.head.signature === 'unchecked' ? words('record.one.unsigned', names) : words('record.one.h1', names)
}

function Beside({ index }: { readonly index: number }) {
  const words = useWords()
  return (
    <Link to="/record/$index" params={{ index: String(index) }}>
      {words('record.one.previous', { index: String(index) })}
    </Link>
  )
}

/** The proof that was recomputed here, as a file for a verifier without a network. */
function ProofFile({ row, note }: { readonly row: CheckedEntry; readonly note: string }) {
  const words = useWords()
  const hashes = row.steps.map(({ siblingHash }) => siblingHash)
  const text = formatProof({ index: row.index, hashes, checkpoint: note })
  const save = () => {
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    Object.assign(document.createElement('a'), { href: url, download: `${row.index}.tlog-proof` }).click()
    URL.revokeObjectURL(url)
  }
  return (
    <button type="button" className="btn quiet text-12" onClick={save}>
      {words('record.one.download')}
    </button>
  )
}
