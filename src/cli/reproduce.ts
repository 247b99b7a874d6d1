import { randomBytes, randomInt } from 'node:crypto'
import { join } from 'node:path'
import { CodedError } from '../core/base/errors.ts'
import type { Arm } from '../core/jailbreaks/reproduction/arm.ts'
import type { Budget } from '../core/jailbreaks/reproduction/budget.ts'
import type { Endpoint, Plan } from '../core/jailbreaks/reproduction/plan.ts'
import { type ReproductionLang, reproductionWords } from '../core/jailbreaks/reproduction/words.ts'
import { sha256 } from '../io/keys/ed25519.ts'
import { makeFolder, writeOut } from '../io/out-file.ts'
import { openAttemptFile } from '../io/reproduction/attempt-file.ts'
import { openHttpModel } from '../io/reproduction/http-model.ts'
import { readPlan } from '../io/reproduction/read-plan.ts'
import { openSandbox } from '../io/reproduction/sandbox.ts'
import { budgetOfPlan, type Progress, reproduce } from '../jobs/reproduce.ts'
import { type Command, EXIT, parseFlags, type Takes, type Terminal } from './command.ts'
import { reproductionText } from './reproduce-text.ts'

export const takes: Takes = {
  command: 'reproduce',
  flags: ['dry-run', 'resume', 'yes', 'json'],
  values: ['plan', 'out', 'seed', 'lang'],
}

/**
 * `sluice reproduce --plan FILE`: a technique against a panel, ours against other available models. Writes `result.json`,
 * `measurements.json` and `attempts.jsonl` into `--out`. Exit code 0 when it was measured, 4 when INCONCLUSIVE, 3 when a
 * model cannot be used; a run that was killed goes on with `--resume`.
 */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [unknown] = rest
  if (unknown !== undefined) return usage(terminal, `takes no \`${unknown}\``)
  const file = options.get('plan')
  if (file === undefined || file === '') return usage(terminal, 'wanted --plan FILE')
  const lang = options.get('lang') ?? 'en'
  if (lang !== 'en' && lang !== 'ja') return usage(terminal, '--lang: wanted `en` or `ja`')
  const seed = options.has('seed') ? Number(options.get('seed')) : null
  if (seed !== null && !(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31))
    return usage(terminal, '--seed: wanted a whole number from 0 to 2147483647')
  try {
    return await reproduceFile(file, { options, lang, seed }, terminal)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    terminal.stderr(`sluice reproduce: ${error.message}\n`)
    return error.code === 'model_refuses_us' ? EXIT.unavailable : EXIT.usage
  }
}

interface Wish {
  readonly options: ReadonlyMap<string, string>
  readonly lang: ReproductionLang
  readonly seed: number | null
}

async function reproduceFile(file: string, { options, lang, seed }: Wish, terminal: Terminal): Promise<number> {
  const ready = await readPlan(file, Date.now())
  const { plan } = ready
  const budget = budgetOfPlan(ready)
  const json = options.has('json')
  terminal.stderr(`${budgetText(budget, lang)}\n`)
  if (options.has('dry-run')) {
    if (json) terminal.stdout(`${JSON.stringify({ plan: ready.identity, budget, arms: ready.arms })}\n`)
    return EXIT.done
  }
  const { requests, usd } = plan.confirm_above
  if ((budget.requests > requests || budget.usd > usd) && !options.has('yes'))
    return usage(terminal, `this is above \`confirm_above\` (${requests} requests, ${usd} USD); add --yes to start it`)
  const models = openModels(plan)
  const out = options.get('out') ?? `reproduction-${plan.id}`
  makeFolder(out)
  const log = openAttemptFile(join(out, 'attempts.jsonl'), {
    plan: ready.identity.sha256,
    seed,
    resume: options.has('resume'),
    newSeed: () => randomInt(2 ** 31),
  })
  try {
    const ports = {
      modelOf: models.of,
      judge: models.judge,
      newKey: () => randomBytes(8).toString('hex'),
      log,
      code: openSandbox(),
      sha256,
      nowMs: Date.now,
    }
    const result = await reproduce(ready, ports, log.seed, progressOn(terminal, lang))
    writeOut(join(out, 'result.json'), `${JSON.stringify(result, null, 2)}\n`)
    if (result.measurements !== null)
      writeOut(join(out, 'measurements.json'), `${JSON.stringify(result.measurements, null, 2)}\n`)
    terminal.stderr('\r\u001b[K')
    terminal.stdout(json ? `${JSON.stringify(result)}\n` : reproductionText(result, lang))
    return result.verdict === 'measured' ? EXIT.done : EXIT.inconclusive
  } finally {
    log.close()
    await models.close()
  }
}

/** One client per endpoint, so that its concurrency holds over all arms that use it. */
function openModels(plan: Plan) {
  const open = (endpoint: Endpoint) => openHttpModel(endpoint, process.env)
  const target = open(plan.target.endpoint)
  const members = new Map(Object.entries(plan.members).map(([name, endpoint]) => [name, open(endpoint)]))
  const judge = plan.judge === null ? null : open(plan.judge)
  return {
    judge,
    of: (arm: Arm) => (arm.target ? target : members.get(arm.model!)!),
    close: async () => {
      await Promise.all([target, ...members.values(), ...(judge === null ? [] : [judge])].map((one) => one.close()))
    },
  }
}

function budgetText({ requests, inputTokens, outputTokens, usd }: Budget, lang: ReproductionLang): string {
  const grouped = (value: number) => value.toLocaleString('en-US')
  return reproductionWords(lang, 'repro.budget', {
    ...{ requests: grouped(requests), input: grouped(inputTokens), output: grouped(outputTokens), usd: usd.toFixed(2) },
  })
}

/** At most two lines a second. */
function progressOn(terminal: Terminal, lang: ReproductionLang): (progress: Progress) => void {
  let saidMs = 0
  return ({ done, all, leftMs }) => {
    const nowMs = performance.now()
    if (nowMs - saidMs < 500) return
    saidMs = nowMs
    const left = leftMs === null ? '–' : duration(leftMs)
    terminal.stderr(`\r\u001b[K${reproductionWords(lang, 'repro.progress', { done, all, left })}`)
  }
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}

function usage(terminal: Terminal, message: string): number {
  terminal.stderr(`sluice reproduce: ${message}\n`)
  return EXIT.usage
}
