import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ChangeEvent, useId } from 'react'
import { hex } from '../../../core/base/bytes.ts'
import { utf8Bytes } from '../../../core/base/utf8.ts'
import type { SignedOverride } from '../../../core/jailbreaks/registry/case.ts'
import { termsOf } from '../../../core/jailbreaks/registry/override-terms.ts'
import { isAbovePrescription } from '../../../core/jailbreaks/severity/override.ts'
import type { ReportDetail } from '../../report-contract.ts'
import { Facts, mono } from '../parts/facts.tsx'
import { sha256 } from '../record/sha256.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { peopleQuery, reportPath, signOverride } from './api.ts'
import { OverrideFault } from './override-fault.tsx'

const NEEDED = 2

/** One override: what the two people sign, who has, and the place where a signature is handed in. */
export function Override({ detail, override }: { readonly detail: ReportDetail; readonly override: SignedOverride }) {
  const words = useWords()
  const { format } = useSettings()
  const { data: people } = useQuery(peopleQuery)
  const terms = termsOf(override)
  const named = (id: string) => people?.items.find((one) => one.id === id)?.name ?? id
  const signed = override.signatures.map(({ person }) => named(person))
  const over = terms.expiresAtMs <= detail.nowMs
  const waits = signed.length < NEEDED && !over
  const state = over
    ? words('jb.override.over')
    : waits
      ? words(signed.length === 0 ? 'jb.override.drafted' : 'jb.override.half', { people: words.list(...signed) })
      : words('jb.override.number')
  const path = `${reportPath(detail.case.id)}/overrides/${override.id}`
  return (
    <div className={over ? 'rep mt-2 text-ink-3' : 'rep mt-2'}>
      {words('jb.override', {
        ...{ action: words(`jb.action.${terms.action}`), people: words.list(...terms.by.map(named)) },
        ...{ until: format.when(terms.expiresAtMs), reason: terms.reason },
      })}
      {isAbovePrescription(terms) ? (
        <>
          {' '}
          <span className="chip">{words('jb.override.above')}</span>
        </>
      ) : null}
      <br />
      <span className="text-ink-3">{state}</span>
      <Facts
        rows={[
          [words('jb.override.in_place'), words(`jb.action.${terms.prescribed}`)],
          [words('jb.override.from'), format.when(terms.issuedAtMs)],
          [
            words('jb.override.evidence'),
            mono(words.list(...terms.evidence.map(({ ref, grade }) => `${ref} (${grade})`))),
          ],
          [words('jb.override.signed'), signed.length === 0 ? null : words.list(...signed)],
        ]}
      />
      <p className="mt-2">
        {waits ? (
          <a href={`${path}/payload`}>{words('jb.override.text')}</a>
        ) : signed.length >= NEEDED ? (
          <a href={`${path}/envelope`}>{words('jb.override.envelope')}</a>
        ) : null}
      </p>
      {waits ? <Sign detail={detail} override={override} /> : null}
    </div>
  )
}

/** A private key never comes near a page: it is signed elsewhere, and the signature is handed in. */
function Sign({ detail, override }: { readonly detail: ReportDetail; readonly override: SignedOverride }) {
  const words = useWords()
  const queries = useQueryClient()
  const id = useId()
  const send = useMutation({
    mutationFn: async (file: File) => signOverride(detail.case.id, override.id, await file.text()),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['reports'] }),
  })
  const onFile = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0]
    if (file !== undefined) send.mutate(file)
    // So that the same file can be handed in again.
    event.target.value = ''
  }
  return (
    <>
      <p className="text-ink-2 mt-2">{words('jb.override.how')}</p>
      <p className="mono mt-2">
        sluice people sign {override.id}.payload.json --key FILE --out {override.id}.signed.json
      </p>
      <p className="text-ink-3 mt-2">
        {words('jb.override.hash')}
        <br />
        <span className="mono break-all">sha256:{hex(sha256(utf8Bytes(override.payload)))}</span>
      </p>
      <p className="mt-2">
        <label htmlFor={id} className="font-strong">
          {words('jb.override.hand_in')}
        </label>
      </p>
      <input id={id} type="file" className="max-w-full" accept=".json,application/json" onChange={onFile} />
      {send.error === null ? null : <OverrideFault error={send.error} />}
    </>
  )
}
