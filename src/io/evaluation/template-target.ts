import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { askedText, byScore, type HttpTarget, TargetError, yesOrNo } from './target.ts'

const pointer = z.string().regex(/^(\/[^/]*)+$/, 'wanted a JSON pointer such as /result/score')
const templateSchema = z
  .strictObject({
    headers: z.record(z.string(), z.string()).default({}),
    body: z.unknown(),
    score: pointer.optional(),
    flagged: pointer.optional(),
  })
  .refine(({ score, flagged }) => score !== undefined || flagged !== undefined, 'wanted `score` or `flagged`')

/**
 * Any endpoint that takes JSON: a file with the body, `{{text}}`, `{{id}}` or `{{turns}}` standing for the row, and where
 * in the answer its score or its yes or no stands. `$NAME` in a header is taken from the environment.
 * @throws {TargetError} the file is not there, or is no template; a header wants a variable that is not set.
 */
export function templateTarget(
  url: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): HttpTarget {
  const template = readTemplate(file)
  const headers = Object.fromEntries(
    Object.entries(template.headers).map(([name, value]) => [name, value.replace(/\$([A-Z_][A-Z0-9_]*)/g, variable)]),
  )
  return {
    url,
    request: (row) => ({
      headers,
      body: JSON.stringify(filled(template.body, { text: askedText(row), id: row.id, turns: row.turns })),
    }),
    read(answer) {
      const score = template.score === undefined ? undefined : at(answer, template.score)
      const flagged = template.flagged === undefined ? undefined : at(answer, template.flagged)
      // A field that was named and is not there as named is no verdict.
      if (template.score !== undefined && (typeof score !== 'number' || !(score >= 0 && score <= 1))) return null
      if (template.flagged !== undefined && typeof flagged !== 'boolean') return null
      if (typeof score === 'number') return typeof flagged === 'boolean' ? byScore(score, flagged) : byScore(score)
      return yesOrNo(flagged === true)
    },
  }

  function variable(_: string, name: string): string {
    const value = env[name]
    if (value === undefined) throw new TargetError('credential_missing', `${file}: \`$${name}\` is not set`)
    return value
  }
}

function readTemplate(file: string): z.infer<typeof templateSchema> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TargetError('template_invalid', `no template file ${file}; name one with --template`, { cause })
  }
  try {
    return templateSchema.parse(JSON.parse(text))
  } catch (cause) {
    const said =
      cause instanceof z.ZodError ? `\`${cause.issues[0]!.path.join('.')}\`: ${cause.issues[0]!.message}` : 'no JSON'
    throw new TargetError('template_invalid', `${file}: ${said}`, { cause })
  }
}

function filled(value: unknown, row: { readonly text: string; readonly id: string; readonly turns: unknown }): unknown {
  if (value === '{{turns}}') return row.turns
  if (typeof value === 'string')
    return value.replace(/\{\{(text|id)\}\}/g, (_, name: string) => (name === 'id' ? row.id : row.text))
  if (Array.isArray(value)) return value.map((one) => filled(one, row))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, row)]))
  return value
}

function at(answer: unknown, where: string): unknown {
  let value = answer
  for (const step of where.slice(1).split('/')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[step.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return value
}
