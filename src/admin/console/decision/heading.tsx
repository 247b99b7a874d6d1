import type { ReactNode } from 'react'
import type { Action } from '../../../core/policy/policy.ts'
import type { ConsoleKey } from '../messages/en.ts'
import type { Words } from '../words.tsx'

interface Decided {
  readonly action: Action
  readonly would: Action
  readonly stage: string | null
  readonly requestedModel: string
  readonly servedModel: string | null
}

/** A finding as a heading: plain for the title, and with names of models that do not break. */
export interface Heading {
  readonly text: string
  readonly rich: ReactNode
}

/** The finding, as the caller reads it. */
export function publicHeading(decided: Decided, words: Words): Heading {
  return headingOf(decided, words, 'public', decided.action === 'flag' ? 'allow' : decided.action)
}

/** The finding, as the operator reads it. */
export function operatorHeading(decided: Decided, words: Words): Heading {
  return headingOf(decided, words, 'decision', decided.action)
}

function headingOf(decided: Decided, words: Words, voice: 'public' | 'decision', action: Action): Heading {
  const values = {
    requested_model: decided.requestedModel,
    served_model: decided.servedModel ?? words('fact.served.none'),
    action: words.action(decided.would),
  }
  const key: ConsoleKey =
    decided.would !== decided.action
      ? `${voice}.h1.would`
      : action === 'refuse'
        ? `${voice}.h1.refuse.${decided.stage === 'output' || decided.stage === 'exchange' ? 'output' : 'input'}`
        : (`${voice}.h1.${action}` as ConsoleKey) // `flag` never reaches the public voice
  const filled = words as unknown as Filled // these messages use some of the three slots, never another
  const whole = (text: string) => <span className="inline-block max-w-full">{text}</span>
  return {
    text: filled(key, values),
    rich: filled.rich(key, {
      ...values,
      requested_model: whole(values.requested_model),
      served_model: whole(values.served_model),
    }),
  }
}

interface Filled {
  (key: ConsoleKey, values: Readonly<Record<string, string>>): string
  rich(key: ConsoleKey, values: Readonly<Record<string, ReactNode>>): ReactNode
}
