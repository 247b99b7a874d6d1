import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Something that must be of a type: `package:Type` of a fence, or a TypeScript type over the imports below. */
export interface Sample {
  readonly name: string
  readonly type: string
  readonly value: unknown
}

export interface Fault {
  readonly sample: string
  /** `TS2322`. */
  readonly error: string
  readonly text: string
}

/** The types that fences name. Two names stand for types that the packages nest or leave generic. */
export const TYPES: Readonly<Record<string, string>> = {
  'anthropic:Message': 'Anthropic.Message',
  'anthropic:RawMessageStreamEvent': 'Anthropic.RawMessageStreamEvent',
  'anthropic:BetaMessage': 'Anthropic.Beta.BetaMessage',
  'anthropic:BetaRawMessageStreamEvent': 'Anthropic.Beta.BetaRawMessageStreamEvent',
  'anthropic:BetaMessageTokensCount': 'Anthropic.Beta.BetaMessageTokensCount',
  'anthropic:BetaModelInfoList': 'PageResponse<Anthropic.Beta.BetaModelInfo>',
  'anthropic:BetaFallbackCreditUsage': 'Anthropic.Beta.BetaFallbackCreditUsage',
  'anthropic:ErrorResponse': 'Anthropic.ErrorResponse',
  'openai:ChatCompletion': 'OpenAI.ChatCompletion',
  'openai:ChatCompletionChunk': 'OpenAI.ChatCompletionChunk',
  'openai:ChatCompletionModeration': 'OpenAI.ChatCompletion.Moderation',
  'openai:Response': 'OpenAI.Responses.Response',
  'openai:ResponseStreamEvent': 'OpenAI.Responses.ResponseStreamEvent',
  'openai:ModerationCreateResponse': 'OpenAI.ModerationCreateResponse',
  'hooks:PromptFrame': 'PromptFrame',
  'hooks:Verdict': 'Verdict',
}

const HEAD = `import type Anthropic from '@anthropic-ai/sdk'
import type { PageResponse } from '@anthropic-ai/sdk/core/pagination'
import type OpenAI from 'openai'
export type Imported = [Anthropic, PageResponse<never>, OpenAI]
interface PromptFrame {
  type: string
  request_id: string
  tenant_id: string | null
  actor: { type: string; id?: string | null; email_address?: string | null }
  source: { application: string }
  session_id: string | null
  model: string | null
  messages: { role: 'user' | 'assistant'; content: { type: string; [k: string]: unknown }[] }[]
  metadata?: Record<string, string>
}
interface Verdict {
  action: 'allow' | 'deny'
  deny_reason?: string | null
  reference_id?: string | null
}
`

const root = join(import.meta.dirname, '..', '..')
/** The compiler takes the packages' types from above this: the locked ones, or those that tools/clients.ts installed. */
const folder = join(process.env.SLUICE_TEST_CLIENTS ?? import.meta.dirname, '.generated')

/**
 * What the compiler says to each sample as a literal of its type: missing members, wrong values and members that the
 * type does not know are faults.
 * @param file Name of the generated file, for whoever wants to look at it afterwards.
 */
export function typeFaults(samples: readonly Sample[], file: string): readonly Fault[] {
  mkdirSync(folder, { recursive: true })
  const lines = HEAD.split('\n')
  const sampleAt = new Map<number, string>()
  for (const [i, { name, type, value }] of samples.entries()) {
    const literal = `export const s${i}: ${TYPES[type] ?? type} = ${JSON.stringify(value, null, 1)}`
    for (const line of [`// ${name}`, ...literal.split('\n')]) {
      lines.push(line)
      sampleAt.set(lines.length, name)
    }
  }
  writeFileSync(join(folder, `${file}.ts`), `${lines.join('\n')}\n`)
  const config = join(folder, `${file}.tsconfig.json`)
  const compilerOptions = { typeRoots: [join(root, 'node_modules', '@types')] }
  const extended = join(root, 'tsconfig.json')
  writeFileSync(config, JSON.stringify({ extends: extended, compilerOptions, include: [], files: [`${file}.ts`] }))
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout, stderr, status } = spawnSync(process.execPath, [compiler, '-p', config, '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
  })
  const faults = [...stdout.matchAll(/^.*?\((\d+),\d+\): error (TS\d+): (.*)$/gm)].map(([, line, error, text]) => ({
    sample: sampleAt.get(Number(line)) ?? 'the generated file itself',
    error: error!,
    text: text!,
  }))
  // A compiler that did not run has found nothing, which is not the same as no fault.
  if (status !== 0 && faults.length === 0) throw new Error(`the compiler failed:\n${stdout}${stderr}`)
  return faults
}
