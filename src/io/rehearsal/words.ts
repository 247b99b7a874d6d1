/** What the rehearsal model says: what it is, and plain facts about the request. Never the request's own words. */

export const LARGE = 'rehearsal-large'
export const SMALL = 'rehearsal-small'

const JAPANESE = /[\u3040-\u30ff\u4e00-\u9fff]/

export interface Asked {
  readonly model: string
  readonly turns: number
  /** Text of the last user turn. */
  readonly last: string
}

export function answerTo({ model, turns, last }: Asked): string {
  const chars = [...last].length
  const weaker = model === SMALL
  if (JAPANESE.test(last)) {
    const who = weaker
      ? 'これはSluiceの練習用モデル（小）の回答です。'
      : `これは${model}の代わりに答えているSluiceの練習用モデル（rehearsal）です。`
    return `${who}rehearsal: 実際のモデルには何も送っていません。受け取ったのは${turns}件のターンで、最後の文は${chars}文字でした。実際の回答を得るには、ANTHROPIC_UPSTREAM_URLまたはOPENAI_UPSTREAM_URLを設定してください。`
  }
  const who = weaker
    ? 'This is the smaller rehearsal model of Sluice, the one that answers in place of a stronger one.'
    : `This is the rehearsal model of Sluice, standing in for ${model}.`
  return `${who} No real model was asked, and nothing left this machine. I received ${turns} turn${turns === 1 ? '' : 's'}; the last one has ${chars} characters. For real answers, set ANTHROPIC_UPSTREAM_URL or OPENAI_UPSTREAM_URL.`
}

/** Tokens as these models count them: four characters each. */
export function tokensOf(text: string): number {
  return Math.max(1, Math.ceil(text.length / 4))
}

/** Cuts a text into pieces of `size` code units; never inside a surrogate pair. */
export function piecesOf(text: string, size: number): readonly string[] {
  const pieces: string[] = []
  let open = ''
  for (const character of text) {
    open += character
    if (open.length < size) continue
    pieces.push(open)
    open = ''
  }
  if (open !== '') pieces.push(open)
  return pieces
}
