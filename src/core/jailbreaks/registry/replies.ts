import type { Reply } from '../exchange/statement.ts'
import type { ReplyText } from '../exchange/texts.ts'
import { timeText } from '../exchange/time.ts'
import type { Case, SaidText } from './case.ts'

/** Replies of a case in the form in which statements travel; the hash of what they are about is not known before. */
export function repliesOf({ id, statements }: Case): readonly Reply[] {
  return statements.flatMap((each) =>
    each.kind === 'reply'
      ? [
          {
            ...{ id: `${id}-${each.id}`, kind: 'reply', about: { publisher: '', id, sha256: '' }, by: each.by },
            ...{ at: timeText(each.atMs), text: replyText(each.text), evidence: each.evidence },
          } as const,
        ]
      : [],
  )
}

/** One language is enough where the other is named as missing. */
export function replyText({ en, ja }: SaidText): ReplyText {
  if (en !== undefined && ja !== undefined) return { en, ja }
  return en === undefined ? { ja: ja ?? '', untranslated: 'en' } : { en, untranslated: 'ja' }
}
