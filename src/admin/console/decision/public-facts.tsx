import type { PublicDecision } from '../../contract.ts'
import { Facts, mono } from '../parts/facts.tsx'
import { useSettings } from '../settings.tsx'
import { useWords, type Words } from '../words.tsx'
import { placeName, stageName, trustName } from './names.ts'

/** Facts for the caller: no rule, no probability, no detector by name of what it measured. */
export function PublicFacts({ decision }: { readonly decision: PublicDecision }) {
  const words = useWords()
  const { format } = useSettings()
  const { inputTokens, outputTokens } = decision
  return (
    <>
      <Facts
        rows={[
          [words('fact.requested'), mono(decision.requestedModel)],
          [
            words('fact.served'),
            decision.servedModel === null ? words('fact.served.none') : mono(decision.servedModel),
          ],
          [words('fact.stage'), decision.stage === null ? null : stageName(decision.stage, words)],
          [words('field.category'), decision.category === null ? null : words.category(decision.category)],
          [words('decision.where'), decision.where.length === 0 ? null : whereText(decision, words)],
          [words('fact.safeguard'), Object.values(decision.safeguards).join(', ')],
          [words('fact.mode'), words(`mode.${decision.mode}`)],
          [
            words('fact.tokens'),
            inputTokens === null && outputTokens === null
              ? null
              : words('fact.tokens.both', { in: format.count(inputTokens ?? 0), out: format.count(outputTokens ?? 0) }),
          ],
          [words('fact.tokens.declined'), decision.declinedTokens === 0 ? null : format.count(decision.declinedTokens)],
        ]}
      />
      {decision.servedModel === null && decision.declinedTokens === 0 ? (
        <p className="note mt-2">{words('fact.charged.none')}</p>
      ) : null}
      {decision.degraded.length === 0 ? null : <p className="note mt-2">{words('public.degraded')}</p>}
    </>
  )
}

function whereText({ where }: PublicDecision, words: Words): string {
  const places = where.map((place) =>
    words.list(placeName(place, words), place.trust === 'untrusted' ? trustName(place.trust, words) : ''),
  )
  return [...new Set(places)].join(words.lang === 'ja' ? '、' : '; ')
}
