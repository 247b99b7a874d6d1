import type { ReactNode } from 'react'
import { Mark } from '../parts/mark.tsx'
import { useSettings } from '../settings.tsx'
import { type PlainKey, useWords, type Words } from '../words.tsx'
import type { CheckedHead } from './api.ts'
import type { CheckedEntry } from './check-entry.ts'

export type Outcome = 'pass' | 'fail' | 'open'

/** One thing that was checked, or was not: what came of it, and in which words. */
interface Check {
  readonly name: PlainKey
  readonly outcome: Outcome
  readonly text: ReactNode
}

/** Everything that this browser checked, one row each; the last row says what it did not. */
export function Checks({ checked, rows }: { readonly checked: CheckedHead; readonly rows: readonly CheckedEntry[] }) {
  const words = useWords()
  const { format } = useSettings()
  const { head, continuity } = checked
  const origin = head.checkpoint?.origin ?? ''
  const signed = { key: <span className="mono">{head.keyId}</span>, origin: <span className="mono">{origin}</span> }
  const given = head.witnesses.filter(({ state }) => state === 'verified' || state === 'unchecked').length
  const counts = { k: format.count(given), n: format.count(head.witnesses.length) }
  const faulty = rows.filter(({ fault }) => fault !== null)
  const checks: readonly Check[] = [
    {
      name: 'record.check.signature',
      outcome: signatureOutcome(checked),
      text: words.rich(`record.signature.${head.signature}`, signed),
    },
    {
      name: 'record.check.witnesses',
      outcome: witnessOutcome(checked),
      text: (
        <>
          {head.witnesses.length === 0
            ? words('record.witnesses.none')
            : head.signature === 'unchecked'
              ? words('record.witnesses.unchecked', counts)
              : words(head.signature === 'verified' ? 'record.witnesses.met' : 'record.witnesses.short', counts)}
          {head.witnesses.map(({ name, state, seenAtMs }) => (
            <span key={name} className="block text-12 text-ink-2">
              {words(`record.witness.${state}`, { name, at: seenAtMs === null ? '–' : format.when(seenAtMs) })}
            </span>
          ))}
        </>
      ),
    },
    ...(continuity === null
      ? []
      : [
          {
            name: 'record.check.history',
            outcome: historyOutcome(checked),
            text: <History continuity={continuity} />,
          } as const,
        ]),
    {
      name: 'record.check.entries',
      outcome: faulty.length > 0 ? 'fail' : rows.length === 0 ? 'open' : 'pass',
      text: entriesText(rows, faulty, words, (n) => format.count(n)),
    },
    {
      name: 'record.check.not',
      outcome: 'open',
      text: words.rich('record.not', { key: <span className="mono">{head.keyId ?? '–'}</span> }),
    },
  ]
  return (
    <table className="t flush wraps checks">
      <tbody>
        {checks.map(({ name, outcome, text }) => (
          <tr key={name} data-check={name} data-outcome={outcome}>
            <th scope="row">{words(name)}</th>
            <td>
              <Verdict outcome={outcome} />
            </td>
            <td className="text">{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function Verdict({ outcome }: { readonly outcome: Outcome }) {
  const words = useWords()
  return (
    <span className={`verdict ${outcome === 'open' ? 'inconclusive' : outcome}`}>
      <Mark name={outcome === 'open' ? 'inconclusive' : outcome} />
      <span>{words(`record.verdict.${outcome}`)}</span>
    </span>
  )
}

function History({ continuity: { kind, before, policyChanged } }: { readonly continuity: CheckedContinuity }) {
  const words = useWords()
  const { format } = useSettings()
  if (kind === 'first' || before === null) return words('record.history.first')
  const seen = { at: format.when(before.atMs), n: format.count(before.size) }
  const bad = kind === 'rollback' || kind === 'fork' || kind === 'broken'
  return (
    <>
      {words(`record.history.${kind}`, seen)}
      {bad ? (
        <>
          {' '}
          {words('record.history.kept')}
          <details>
            <summary>{words('record.history.note')}</summary>
            <pre className="mono text-12 bytes">{before.note}</pre>
          </details>
        </>
      ) : null}
      {policyChanged ? <b className="block">{words('record.history.policy')}</b> : null}
    </>
  )
}

type CheckedContinuity = NonNullable<CheckedHead['continuity']>

export function signatureOutcome({ head: { signature } }: CheckedHead): Outcome {
  if (signature === 'unchecked') return 'open'
  // Witnesses have a row of their own: the log's own signature was found right before they are counted.
  return signature === 'verified' || signature === 'quorum' ? 'pass' : 'fail'
}

function witnessOutcome({ head }: CheckedHead): Outcome {
  if (head.witnesses.some(({ state }) => state === 'wrong') || head.signature === 'quorum') return 'fail'
  return head.signature === 'verified' && head.witnesses.length > 0 ? 'pass' : 'open'
}

export function historyOutcome({ continuity }: CheckedHead): Outcome {
  switch (continuity?.kind) {
    case 'rollback':
    case 'fork':
    case 'broken':
      return 'fail'
    case 'same':
    case 'grown':
      return continuity.policyChanged ? 'fail' : 'pass'
    default:
      return 'open'
  }
}

/** Does anything about the checkpoint itself fail? */
export function headFails(checked: CheckedHead): boolean {
  const { signature } = checked.head
  return (signature !== 'verified' && signature !== 'unchecked') || historyOutcome(checked) === 'fail'
}

function entriesText(
  rows: readonly CheckedEntry[],
  faulty: readonly CheckedEntry[],
  words: Words,
  count: (n: number) => string,
): string {
  if (rows.length === 0) return words('record.entries.none')
  if (rows.length === 1) return words(faulty.length === 0 ? 'record.entries.one' : 'record.entries.one.bad')
  if (faulty.length === 0) return words('record.entries.ok', { k: count(rows.length) })
  const numbers = { bad: count(faulty.length), k: count(rows.length) }
  return words('record.entries.bad', { ...numbers, list: listed(faulty, words) })
}

const MOST_LISTED = 8

function listed(faulty: readonly CheckedEntry[], words: Words): string {
  const names = faulty.slice(0, MOST_LISTED).map(({ index }) => String(index))
  return words.list(...names, ...(faulty.length > MOST_LISTED ? ['…'] : []))
}
