import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Checkpoint } from '../../../core/record/checkpoint.ts'
import { Section } from '../parts/section.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { type CheckedHead, entriesQuery, recordHeadQuery } from '../record/api.ts'
import { CheckpointFacts } from '../record/checkpoint-facts.tsx'
import { Checks, headFails, historyOutcome } from '../record/checks.tsx'
import { EntryTable } from '../record/entry-table.tsx'
import { RecordFilter } from '../record/filter.tsx'
import type { LookedBack } from '../record/look-back.ts'
import type { RecordSearch } from '../record/search.ts'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords, type Words } from '../words.tsx'

/** The record, read from its public files and recomputed here: the heading says what came of that. */
export function RecordPage({ search }: { readonly search: RecordSearch }) {
  const words = useWords()
  const { data: checked, error, refetch } = useQuery(recordHeadQuery)
  if (checked === undefined)
    return error === null ? <Loading rows={8} /> : <Failed error={error} onRetry={() => void refetch()} />
  if (checked === null) return <NoCheckpoint />
  if (checked.head.checkpoint === null)
    return (
      <Frame title={words('record.h1.head')}>
        <Section title={words('record.checks')}>
          <Checks checked={checked} rows={[]} />
        </Section>
      </Frame>
    )
  return <Explorer checked={checked} checkpoint={checked.head.checkpoint} search={search} />
}

function Explorer({
  checked,
  checkpoint,
  search,
}: {
  readonly checked: CheckedHead
  readonly checkpoint: Checkpoint
  readonly search: RecordSearch
}) {
  const words = useWords()
  const { format } = useSettings()
  const { data: looked, error, refetch } = useQuery(entriesQuery(checkpoint, search))
  if (looked === undefined)
    return error === null ? <Loading rows={12} /> : <Failed error={error} onRetry={() => void refetch()} />
  const { rows, from, to } = looked
  const asks = search.kind !== undefined || search.q !== undefined
  const newest = !asks && search.before === undefined ? (rows[0]?.entry?.at ?? null) : null
  const count = (n: number) => format.count(n)
  return (
    <Frame title={headline(checked, looked, checkpoint.size, words, count)}>
      <div className="cols">
        <Section span={8} title={words('record.checks')} note={words('record.checks.note')}>
          <Checks checked={checked} rows={rows} />
        </Section>
        <Section span={4} title={words('record.checkpoint')}>
          <CheckpointFacts head={checked.head} checkpoint={checkpoint} newest={newest} />
        </Section>
      </div>
      <Section
        title={words('record.list')}
        note={
          to > from
            ? words('record.list.note', { from: count(from), to: count(to - 1), k: count(rows.length) })
            : undefined
        }
      >
        <RecordFilter search={search} />
        {rows.length === 0 ? (
          <p className="text-ink-2 mt-3">{words('record.list.none')}</p>
        ) : (
          <EntryTable rows={rows} />
        )}
        <p className="flex flex-wrap gap-3 mt-3">
          {from > 0 ? (
            <Link className="btn" to="/record" search={{ ...search, before: String(from) }}>
              {words('record.older')}
            </Link>
          ) : null}
          {search.before === undefined ? null : (
            <Link className="btn quiet" to="/record" search={(({ before, ...rest }) => rest)(search)}>
              {words('record.newest.go')}
            </Link>
          )}
        </p>
      </Section>
    </Frame>
  )
}

/** What is wrong comes first; else what was verified, and over how much. */
function headline(
  checked: CheckedHead,
  { rows }: LookedBack,
  size: number,
  words: Words,
  count: (n: number) => string,
): string {
  const faulty = rows.filter(({ fault }) => fault !== null)
  if (historyOutcome(checked) === 'fail') return words('record.h1.history')
  if (headFails(checked)) return words('record.h1.head')
  if (faulty.length === 1) return words('record.h1.entry', { index: String(faulty[0]!.index) })
  if (faulty.length > 1)
    return words('record.h1.entries', {
      ...{ k: count(faulty.length), shown: count(rows.length), index: String(faulty[0]!.index) },
    })
  if (checked.head.signature === 'unchecked') return words('record.h1.unsigned', { n: count(size) })
  if (rows.length === 0) return words('record.h1.none.fit', { n: count(size) })
  if (size === 1) return words('record.h1.one')
  return words('record.h1', { n: count(size), shown: count(rows.length) })
}

function Frame({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  const words = useWords()
  useTitle(`${words('nav.record')} · ${title}`)
  return (
    <>
      <div className="page-head">
        <div className="min-w-0">
          <h1>{title}</h1>
          <p className="lede">{words('record.lede')}</p>
        </div>
      </div>
      {children}
    </>
  )
}

export function NoCheckpoint() {
  const words = useWords()
  useTitle(words('record.h1.empty'))
  return (
    <Empty title={words('record.h1.empty')}>
      <p className="text-ink-2">{words('record.empty')}</p>
      <pre className="mono text-12">sluice record verify DIR --policy FILE</pre>
    </Empty>
  )
}
