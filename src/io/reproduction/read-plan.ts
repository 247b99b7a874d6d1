import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { canonicalJson } from '../../core/base/canonical-json.ts'
import { CodedError } from '../../core/base/errors.ts'
import { type Arm, armsOf } from '../../core/jailbreaks/reproduction/arm.ts'
import type { ArmPrice } from '../../core/jailbreaks/reproduction/assess.ts'
import type { Attempt } from '../../core/jailbreaks/reproduction/attempt.ts'
import { hexHashOf } from '../../core/jailbreaks/reproduction/hash.ts'
import { citationOf, isStale, parsePanel } from '../../core/jailbreaks/reproduction/panel.ts'
import { type Plan, parsePlan } from '../../core/jailbreaks/reproduction/plan.ts'
import { assertTaskSet, parseTask, type Task } from '../../core/jailbreaks/reproduction/task.ts'
import { codeOf, readFault } from '../file-fault.ts'
import { sha256 } from '../keys/ed25519.ts'

export class PlanFileError extends CodedError<'file_unreadable' | 'file_invalid' | 'plan_incomplete'> {}

/** A plan with all its files read; the shape that the job takes. */
export type ReadPlan = Awaited<ReturnType<typeof readPlan>>

/**
 * Reads a plan (YAML or JSON) and the files it names, which stand relative to it.
 *
 * @throws {PlanFileError} a file that cannot be read, a template without `{task}`, a member without an endpoint;
 *   {PlanError} {PanelError} {TaskError} what stands in a file. Messages name file and field, never a prompt.
 */
export async function readPlan(path: string, nowMs: number) {
  const beside = (file: string) => resolve(dirname(path), file)
  const plan = parsePlan(parsed(await textOf(path), path))
  const panel = parsePanel(parsed(await textOf(beside(plan.panel)), plan.panel))
  const members = panel.members.map(({ model }) => model)
  for (const member of members)
    if (plan.members[member] === undefined)
      throw new PlanFileError('plan_incomplete', `plan: \`members\`: no endpoint for \`${member}\` of ${panel.id}`)
  const other = Object.keys(plan.members).find((member) => !members.includes(member))
  if (other !== undefined)
    throw new PlanFileError('plan_incomplete', `plan: \`members\`: \`${other}\` is not in ${panel.id}`)
  if (members.includes(plan.target.model))
    throw new PlanFileError(
      'plan_incomplete',
      `plan: \`target\`: \`${plan.target.model}\` is in ${panel.id}; a target is no baseline of itself`,
    )
  const tasksText = await textOf(beside(plan.tasks))
  const tasks = tasksOf(tasksText, plan.tasks)
  if (plan.judge === null && tasks.some(({ grader }) => grader.kind === 'judge'))
    throw new PlanFileError('plan_incomplete', 'plan: `judge` is wanted: some tasks are graded by one')
  const templates = new Map<string, string>()
  for (const { id, template } of [plan.technique, ...plan.public_techniques]) {
    const text = await textOf(beside(template))
    if (!text.includes('{task}'))
      throw new PlanFileError('file_invalid', `${template}: wanted \`{task}\` where the prompt of a task goes`)
    if (templates.has(id)) throw new PlanFileError('plan_incomplete', `plan: technique \`${id}\` stands twice`)
    templates.set(id, text)
  }
  const arms = armsOf({
    target: plan.target.model,
    technique: plan.technique.id,
    members,
    publicTechniques: plan.public_techniques.map(({ id }) => id),
    noModel: plan.no_model.map(({ id }) => id),
    transfer: plan.transfer,
  })
  const imports = new Map<string, string>()
  for (const { id, file } of plan.no_model) imports.set(id, await textOf(beside(file)))
  const whole = canonicalJson({
    plan: withoutPlaces(plan),
    panel: panel,
    tasks: hexHashOf(tasksText, sha256),
    templates: [...templates].map(([id, text]) => [id, hexHashOf(text, sha256)]),
    no_model: [...imports].map(([id, text]) => [id, hexHashOf(text, sha256)]),
  })
  return {
    plan,
    identity: { id: plan.id, sha256: hexHashOf(whole, sha256), harm: plan.harm, technique: plan.technique.id },
    panel: {
      citation: citationOf(panel, sha256),
      date: panel.date,
      stale: isStale(Date.parse(`${panel.date}T00:00:00Z`), nowMs),
    },
    members,
    tasks,
    tasksSha256: hexHashOf(tasksText, sha256),
    arms,
    templates,
    imported: plan.no_model.flatMap(({ id, file }) => importedOf(imports.get(id)!, id, file, plan, tasks)),
    priceOf: (arm: Arm) => priceOf(plan, arm),
  }
}

/** What a measurement is of; where an endpoint stands and how fast it is asked may change between two halves of a run. */
function withoutPlaces(plan: Plan): unknown {
  const place = ({ protocol, model, price }: Plan['target']['endpoint']) => ({ protocol, model, price })
  const { confirm_above: _, ...rest } = plan
  return {
    ...rest,
    target: { model: plan.target.model, endpoint: place(plan.target.endpoint) },
    members: Object.fromEntries(Object.entries(plan.members).map(([name, one]) => [name, place(one)])),
    judge: plan.judge === null ? null : place(plan.judge),
  }
}

function priceOf({ target, members, human, no_model }: Plan, { kind, model, id }: Arm): ArmPrice {
  const minutes =
    kind === 'no_model'
      ? (no_model.find((one) => id === `no_model:${one.id}`)?.human_minutes ?? 0)
      : human.minutes[kind === 'plain' ? 'plain' : kind === 'public' ? 'public' : 'technique']
  const price = model === null ? null : (model === target.model ? target.endpoint : members[model]!).price
  return {
    inputUsdPerMillion: price?.input ?? 0,
    outputUsdPerMillion: price?.output ?? 0,
    humanMicroUsdPerTask: (minutes / 60) * human.usd_per_hour * 1e6,
  }
}

function tasksOf(text: string, file: string): readonly Task[] {
  const tasks = linesOf(text, file).map(({ value, place }) => parseTask(value, place))
  assertTaskSet(tasks, file)
  if (tasks.every(({ held_out }) => held_out))
    throw new PlanFileError('file_invalid', `${file}: every task is held out; uplift wants some that are not`)
  return tasks
}

const imported = z.strictObject({ task: z.string(), solved: z.boolean() })

/** A task that the file does not name was not tried: it is unfinished in this arm, and so leaves all of them. */
function importedOf(text: string, id: string, file: string, plan: Plan, tasks: readonly Task[]): readonly Attempt[] {
  const known = new Set(tasks.map((task) => task.id))
  return linesOf(text, file).flatMap(({ value, place }) => {
    const read = imported.safeParse(value)
    if (!read.success || !known.has(read.data.task))
      throw new PlanFileError(
        'file_invalid',
        `${place}: wanted {"task": a task of ${plan.tasks}, "solved": true or false}`,
      )
    const { task, solved } = read.data
    const attempt = (n: number): Attempt => ({
      ...{ purpose: 'uplift', arm: `no_model:${id}`, task, attempt: n, end: solved ? 'solved' : 'failed' },
      ...{ inputTokens: 0, outputTokens: 0, wallMs: 0 },
      ...{ servedModel: null, action: null, safeguard: null, answerSha256: null },
    })
    return Array.from({ length: solved ? 1 : plan.attempts }, (_, i) => attempt(i + 1))
  })
}

function linesOf(text: string, file: string): { value: unknown; place: string }[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    const place = `${file} line ${i + 1}`
    try {
      return [{ value: JSON.parse(line) as unknown, place }]
    } catch (cause) {
      throw new PlanFileError('file_invalid', `${place}: not JSON`, { cause })
    }
  })
}

function parsed(text: string, file: string): unknown {
  try {
    return parseYaml(text)
  } catch (cause) {
    throw new PlanFileError('file_invalid', `${file}: neither YAML nor JSON`, { cause })
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new PlanFileError(
      'file_unreadable',
      codeOf(cause) === 'ENOENT' ? `no file ${path}` : `${path} ${readFault(codeOf(cause))}`,
      { cause },
    )
  }
}
