import { chatTarget } from '../io/evaluation/chat-target.ts'
import { hookTarget } from '../io/evaluation/hook-target.ts'
import { openHttpJudge } from '../io/evaluation/http-judge.ts'
import { moderationsTarget } from '../io/evaluation/moderations-target.ts'
import { type HttpTarget, TargetError } from '../io/evaluation/target.ts'
import { templateTarget } from '../io/evaluation/template-target.ts'
import type { Judge } from '../jobs/training-ports.ts'
import { UsageError } from './command.ts'
import { loadEmbedded } from './embedded.ts'
import { embeddedJudge } from './embedded-judge.ts'

export interface OpenTarget {
  readonly name: string
  /** Hash of the embedded model, null for others. */
  readonly model: string | null
  readonly judge: Judge
  /** Answers, or prompts alone. */
  readonly judgesExchanges: boolean
  close(): Promise<void>
}

type Environment = Readonly<Record<string, string | undefined>>

const WANTED =
  'wanted `sluice`, the address of a /v1/moderations, `moderations:URL`, `openai:URL`, `anthropic:URL`, `hook:URL`, or `http:URL` with --template FILE'

/**
 * Opens what `--target` names. Credentials come from the environment alone: `--key-env NAME`, or the usual variable of
 * the protocol.
 * @throws {TargetError} no such kind of target, or something it needs is missing.
 */
export async function openTarget(options: ReadonlyMap<string, string>, env: Environment): Promise<OpenTarget> {
  const name = options.get('target') ?? 'sluice'
  if (name === 'sluice') {
    const { classifier, safeguard } = loadEmbedded(options.get('model'))
    const judge = embeddedJudge(classifier, safeguard)
    return { name, model: classifier.modelHash, judge, judgesExchanges: true, close: async () => undefined }
  }
  const target = httpTarget(name, options, env)
  const judge = openHttpJudge(target, {
    concurrency: wholeOf(options, 'concurrency', 8, 256),
    timeoutMs: wholeOf(options, 'timeout', 30_000, 600_000),
  })
  return { name, model: null, judge, judgesExchanges: !name.startsWith('hook:'), close: () => judge.close() }
}

function httpTarget(name: string, options: ReadonlyMap<string, string>, env: Environment): HttpTarget {
  const [, kind = '', rest = ''] = /^(moderations|openai|anthropic|hook|http):(https?:\/\/.+)$/.exec(name) ?? []
  const template = options.get('template')
  const model = options.get('judge-model')
  if (kind === '' && /^https?:\/\//.test(name)) {
    if (template !== undefined) return templateTarget(name, template, env)
    if (/\/moderations\/?$/.test(new URL(name).pathname))
      return moderationsTarget(name, { key: keyOf(options, env, 'OPENAI_API_KEY'), model: model ?? null })
  }
  switch (kind) {
    case 'moderations':
      return moderationsTarget(rest, { key: keyOf(options, env, 'OPENAI_API_KEY'), model: model ?? null })
    case 'openai':
    case 'anthropic': {
      if (model === undefined)
        throw new TargetError('target_unknown', 'a judge wants a model; name it with --judge-model')
      const path = kind === 'openai' ? 'chat/completions' : 'messages'
      const key = keyOf(options, env, kind === 'openai' ? 'OPENAI_API_KEY' : 'ANTHROPIC_API_KEY')
      return chatTarget(kind, endpoint(rest, path), { key, model })
    }
    case 'hook':
      return hookTarget(rest, keyOf(options, env, 'SLUICE_HOOK_SECRET'))
    case 'http':
      if (template !== undefined) return templateTarget(rest, template, env)
  }
  throw new TargetError('target_unknown', `\`${name}\`: ${WANTED}`)
}

/** A base as clients write it (`…/v1`, or the host alone), or the endpoint itself. */
function endpoint(base: string, path: string): string {
  const bare = base.replace(/\/+$/, '')
  if (bare.endsWith(`/${path}`)) return bare
  return bare.endsWith('/v1') ? `${bare}/${path}` : `${bare}/v1/${path}`
}

function keyOf(options: ReadonlyMap<string, string>, env: Environment, usual: string): string | null {
  const named = options.get('key-env')
  if (named === undefined) return env[usual] || null
  if (!env[named])
    throw new TargetError(
      'credential_missing',
      `\`${named}\` is not set; --key-env names a variable that holds the key`,
    )
  return env[named]
}

/** A whole number from 1 to `most`. @throws {UsageError} */
export function wholeOf(options: ReadonlyMap<string, string>, name: string, usual: number, most: number): number {
  const value = Number(options.get(name) ?? usual)
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new UsageError('usage', `eval: \`--${name}\` wants a whole number from 1 to ${most}`)
  return value
}
