import type { Category } from '../base/harm.ts'
import { LABELS } from '../base/reasons.ts'
import { isRecord, type Json } from './values.ts'

/**
 * OpenAI's decisions endpoint (wire.md §11), asked by us: 1 to 400 named questions on one input. A predicate gives the
 * probability that it holds; a choice and a score give one per option, of which some mean harm.
 */
export type DecisionQuestion = { readonly category: Category; readonly instructions: string } & (
  | { readonly type: 'predicate' }
  | { readonly type: 'choice' | 'score'; readonly options: readonly string[]; readonly harmful: readonly string[] }
)

export const MOST_QUESTIONS = 400

/** The body of a request. Questions are named by their position: answers may come in any order. */
export function decisionsRequest(model: string, input: string, questions: readonly DecisionQuestion[]): Json {
  return {
    model,
    input: [{ role: 'user', content: [{ type: 'input_text', text: input }] }],
    questions: questions.map((question, i) => {
      const { type, instructions } = question
      const named = { type, name: `q${i}`, instructions }
      if (question.type === 'predicate') return named
      if (question.type === 'choice') return { ...named, choices: question.options.map((value) => ({ value })) }
      return { ...named, levels: question.options.map((label) => ({ label })) }
    }),
  }
}

/** One question per category: does the text ask for, or give, real help with it? */
export function predicatesFor(categories: readonly Category[], stage: 'input' | 'output'): DecisionQuestion[] {
  const what = stage === 'input' ? 'The text asks for' : 'The answer gives'
  const but = 'Discussing, defending against, teaching about or quoting it does not count.'
  return categories.map((category) => ({
    type: 'predicate',
    category,
    instructions: `${what} real help with harm of the category "${category}". ${but}`,
  }))
}

/**
 * The answers as parts per million per label, the greatest where several concern one category; `refused` where any
 * question was declined; null where the shape is another, or an answer is missing.
 */
export function decisionsPpm(
  answer: unknown,
  questions: readonly DecisionQuestion[],
): readonly number[] | 'refused' | null {
  const given = isRecord(answer) ? answer.answers : null
  if (!Array.isArray(given) || given.length !== questions.length) return null
  const found = new Map<Category, number>()
  for (const [i, question] of questions.entries()) {
    const named: readonly unknown[] = given.filter((one) => isRecord(one) && one.name === `q${i}`)
    const [one] = named
    if (named.length !== 1 || !isRecord(one)) return null
    if (one.type === 'refusal') return 'refused'
    const probability = one.type === question.type ? probabilityOf(one, question) : null
    if (probability === null) return null
    const ppm = Math.floor(probability * 1e6)
    found.set(question.category, Math.max(found.get(question.category) ?? 0, ppm))
  }
  return LABELS.map((label) => found.get(label.slice('harm.'.length) as Category) ?? 0)
}

function probabilityOf(answer: Json, question: DecisionQuestion): number | null {
  if (question.type === 'predicate') return isShare(answer.probability) ? answer.probability : null
  const { probabilities } = answer
  if (!Array.isArray(probabilities)) return null
  let sum = 0
  let all = 0
  const seen = new Set<string>()
  for (const one of probabilities) {
    const name = isRecord(one) ? (question.type === 'choice' ? one.value : one.label) : null
    const probability = isRecord(one) ? one.probability : null
    if (typeof name !== 'string' || !question.options.includes(name) || seen.has(name) || !isShare(probability))
      return null
    seen.add(name)
    all += probability
    if (question.harmful.includes(name)) sum += probability
  }
  // Options exclude each other: together they are no more than certain.
  return seen.size === question.options.length && all <= 1 + ROUNDING ? Math.min(1, sum) : null
}

/** By how much up to 255 probabilities, each rounded to four places, may exceed one together. */
const ROUNDING = 0.02

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1
}
