import { RE2JS } from 're2js'
import { z } from 'zod'
import { CodedError } from '../../base/errors.ts'

export class TaskError extends CodedError<'task_invalid' | 'judge_unmeasured'> {}

const text = z.string().min(1)

/** How an answer is judged. Objective graders; a judge model only with measured agreement (severity.md §4, P1). */
const grader = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exact'), answer: text, ignore_case: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('contains'), all: z.array(text).min(1), ignore_case: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('regex'), pattern: text.refine(compiles, 'wanted a pattern in the syntax of RE2') }),
  z.strictObject({ kind: z.literal('json_equal'), value: z.json() }),
  z.strictObject({ kind: z.literal('code'), language: z.literal('javascript'), tests: text }),
  z.strictObject({
    kind: z.literal('judge'),
    /** What the judge is asked about an answer; yes means solved. */
    question: text,
    /** Measured against people's labels on answers to tasks of this kind; stored beside every result. */
    agreement: z.strictObject({ agree: z.number().int().min(0), n: z.number().int().min(30), source: text }),
  }),
])

const schema = z.strictObject({
  id: z.string().regex(/^[\w.:-]{1,128}$/, 'wanted letters, digits, `.`, `:`, `-`, `_`'),
  family: text,
  domain: text,
  prompt: text,
  grader,
  /** A variant that whoever wrote the technique has not seen: measures universality, never uplift. */
  held_out: z.boolean().default(false),
})

export type Grader = z.infer<typeof grader>
/** One thing to do, and how to see that it was done. */
export type Task = z.infer<typeof schema>

function compiles(pattern: string): boolean {
  try {
    RE2JS.compile(pattern)
    return true
  } catch {
    return false
  }
}

/**
 * Reads one task of a set. @param place Names the line in errors, which never quote the prompt.
 * @throws {TaskError} `judge_unmeasured` for a judge without agreement, `task_invalid` for the rest.
 */
export function parseTask(value: unknown, place: string): Task {
  const judge = z.looseObject({ grader: z.looseObject({ kind: z.literal('judge') }) }).safeParse(value)
  if (judge.success && judge.data.grader.agreement === undefined)
    throw new TaskError(
      'judge_unmeasured',
      `${place}: \`grader\`: a judge grades only with its measured agreement with people; add \`agreement\``,
    )
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const { path, message } = read.error.issues[0]!
  throw new TaskError('task_invalid', `${place}: \`${path.join('.') || 'task'}\`: ${message}`)
}

/** @throws {TaskError} no task, or two with one id: folds and resuming go by the id. */
export function assertTaskSet(tasks: readonly Task[], name: string): void {
  if (tasks.length === 0) throw new TaskError('task_invalid', `${name} holds no tasks`)
  const seen = new Set<string>()
  for (const { id } of tasks) {
    if (seen.has(id)) throw new TaskError('task_invalid', `${name}: \`id\` \`${id}\` stands twice`)
    seen.add(id)
  }
}
