import { RE2JS } from 're2js'
import { CanonicalJsonError, canonicalJson } from '../../base/canonical-json.ts'
import type { Grader } from './task.ts'

/** Graders that need nothing but the answer. */
export type PureGrader = Exclude<Grader, { kind: 'code' | 'judge' }>

/** Whether an answer solves a task. Linear in the answer's length. */
export function grade(grader: PureGrader, answer: string): boolean {
  switch (grader.kind) {
    case 'exact': {
      const fold = (text: string) => (grader.ignore_case ? text.toLowerCase() : text)
      return fold(answer.trim()) === fold(grader.answer.trim())
    }
    case 'contains': {
      const fold = (text: string) => (grader.ignore_case ? text.toLowerCase() : text)
      return grader.all.every((one) => fold(answer).includes(fold(one)))
    }
    case 'regex':
      return RE2JS.compile(grader.pattern).matcher(answer).find()
    case 'json_equal':
      return jsonIn(answer).some((value) => equal(value, grader.value))
  }
}

/** The code of an answer: its fenced blocks joined, or all of it where there is none. */
export function codeIn(answer: string): string {
  const blocks = fencesOf(answer)
  return blocks.length === 0 ? answer : blocks.join('\n')
}

/** Values an answer may be giving: the whole of it, or one fenced block. */
function jsonIn(answer: string): unknown[] {
  return [answer, ...fencesOf(answer)].flatMap((text) => {
    try {
      return [JSON.parse(text) as unknown]
    } catch {
      return []
    }
  })
}

function equal(a: unknown, b: unknown): boolean {
  try {
    return canonicalJson(a) === canonicalJson(b)
  } catch (error) {
    // Half a surrogate pair or absurd nesting: no answer that anybody wanted.
    if (error instanceof CanonicalJsonError) return false
    throw error
  }
}

function fencesOf(answer: string): string[] {
  const blocks: string[] = []
  let open: string[] | null = null
  for (const line of answer.split('\n')) {
    if (line.trimStart().startsWith('```')) {
      if (open === null) open = []
      else {
        blocks.push(open.join('\n'))
        open = null
      }
    } else open?.push(line)
  }
  return blocks
}

/**
 * An answer that declines in words, by how it begins. A refusal fails the task even where a grader would find its words:
 * "I can't help with X" contains X. Protocol refusals are known without reading.
 */
export function declines(answer: string): boolean {
  return REFUSAL.matcher(answer.slice(0, 200)).find()
}

const REFUSAL = RE2JS.compile(
  String.raw`(?i)^\W*(?:(?:i['’]?m |i am )?(?:really |very |so )?sorry\b[^.]{0,60}(?:can['’]?t|cannot|can not|unable|won['’]?t)|i (?:can['’]?t|cannot|can not|won['’]?t|will not|am unable to|['’]?m unable to|must decline|have to decline)\b|i['’]m (?:unable|not able) to\b|(?:申し訳|すみません|恐れ入り)[^。]{0,60}(?:できません|できかね|お手伝い|お答え|応じ)|[^。]{0,40}(?:お手伝い|お答え|対応|提供|支援)(?:は|する)?(?:ことは|ことが)?(?:いたし|でき)(?:かねます|ません))`,
)
