import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { armsOf } from '../core/jailbreaks/reproduction/arm.ts'
import type { Attempt } from '../core/jailbreaks/reproduction/attempt.ts'
import { parsePlan } from '../core/jailbreaks/reproduction/plan.ts'
import { parseTask } from '../core/jailbreaks/reproduction/task.ts'
import { budgetOfPlan, type ReadyPlan, type ReproducePorts, reproduce } from './reproduce.ts'
import type { Model, ModelReply } from './reproduce-ports.ts'

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const place = { protocol: 'openai_chat', url: 'http://127.0.0.1:9', model: 'm', price: { input: 2, output: 10 } }

function readyOf({
  grader = { kind: 'contains', all: ['word'] } as object,
  tasks = 4,
  more = {} as object,
} = {}): ReadyPlan {
  const plan = parsePlan({
    ...{ id: 'p', harm: 'h', technique: { id: 'repair', template: 'f' }, panel: 'f', tasks: 'f' },
    ...{ target: { model: 'x/target', endpoint: place }, members: { 'a/one': place }, attempts: 3 },
    ...{ max_output_tokens: 100, ...more },
  })
  const arms = armsOf({
    ...{
      target: 'x/target',
      technique: 'repair',
      members: ['a/one'],
      publicTechniques: [],
      noModel: [],
      transfer: false,
    },
  })
  return {
    plan,
    identity: { id: 'p', sha256: 'c'.repeat(64), harm: 'h', technique: 'repair' },
    panel: { citation: 'P@sha256:0', date: '2026-11-01', stale: false },
    members: ['a/one'],
    tasks: Array.from({ length: tasks }, (_, i) =>
      parseTask({ id: `t-${i}`, family: 'f', domain: 'd', prompt: `task ${i}`, grader }, 't'),
    ),
    tasksSha256: 'd'.repeat(64),
    arms,
    templates: new Map([['repair', 'Mend: {task}$&']]),
    imported: [],
    priceOf: () => ({ inputUsdPerMillion: 2, outputUsdPerMillion: 10, humanMicroUsdPerTask: 0 }),
  }
}

const said = (text: string, more: object = {}): ModelReply => ({
  ...{ kind: 'answered', text, refused: false, inputTokens: 10, outputTokens: 5 },
  ...{ servedModel: 'm', action: null, safeguard: null, ...more },
})

function portsOf(act: (prompt: string, n: number) => ModelReply | Promise<ModelReply>, known: readonly Attempt[] = []) {
  const asked: { prompt: string; session: string; maxOutputTokens: number; timeoutMs: number }[] = []
  const appended: Attempt[] = []
  let most = 0
  let open = 0
  const model: Model = {
    concurrency: 2,
    async ask(question) {
      asked.push(question)
      open += 1
      most = Math.max(most, open)
      await new Promise((resolve) => setImmediate(resolve))
      open -= 1
      return act(question.prompt, asked.length)
    },
  }
  const ports: ReproducePorts = {
    modelOf: () => model,
    judge: null,
    newKey: () => '0123456789abcdef',
    log: { known, append: (one) => void appended.push(one) },
    code: { passes: async (code, tests) => code.includes(tests) },
    sha256,
    nowMs: () => 1_000,
  }
  return { ports, asked, appended, most: () => most }
}

describe('reproduce', () => {
  test('every arm has the same tries, tokens and time; each question is a session of its own', async () => {
    const { ports, asked, appended, most } = portsOf(() => said('nothing'))
    const progress: number[] = []
    const result = await reproduce(readyOf({ more: { sessions: 2 } }), ports, 1, ({ done, all }) =>
      progress.push(done / all),
    )
    expect(asked).toHaveLength(3 * 4 * 3 + 2)
    expect(new Set(asked.map(({ session }) => session)).size).toBe(asked.length)
    expect(new Set(asked.map(({ maxOutputTokens, timeoutMs }) => `${maxOutputTokens} ${timeoutMs}`)).size).toBe(1)
    expect(result.arms.map(({ attempts }) => attempts)).toEqual([12, 12, 12])
    expect(result.reliability).toMatchObject({ success: 0, sessions: 2 })
    expect([most(), progress.at(-1), appended.length]).toEqual([2, 1, asked.length])
    // A template's own `$&` is text.
    expect(asked.map(({ prompt }) => prompt)).toContain('Mend: task 0$&')
  })

  test('an arm stops at its first success; a refusal that holds the word is a failure', async () => {
    const { ports } = portsOf((prompt, n) =>
      prompt.startsWith('Mend')
        ? said('the word')
        : n % 2 === 0
          ? said("I can't help with that word.")
          : said('word', { refused: true }),
    )
    const result = await reproduce(readyOf(), ports, 1, () => undefined)
    expect(result.arms.map(({ solved, attempts, ends }) => [solved!.solved, attempts, ends])).toEqual([
      ...[
        [4, 4, { solved: 4 }],
        [0, 12, { refused: 12 }],
        [0, 12, { refused: 12 }],
      ],
    ])
  })

  test('what was answered is not asked again; what was unavailable is', async () => {
    const first = portsOf((_, n) =>
      n % 5 === 0 ? { kind: 'unavailable' } : n % 3 === 0 ? said('word') : { kind: 'timed_out' },
    )
    await reproduce(readyOf(), first.ports, 1, () => undefined)
    const gone = first.appended.filter(({ end }) => end === 'unavailable')
    expect(gone.length).toBeGreaterThan(0)
    const second = portsOf(() => said('word'), first.appended)
    const result = await reproduce(readyOf(), second.ports, 1, () => undefined)
    expect(second.asked).toHaveLength(gone.length)
    expect([result.tasks.paired, result.effort.unequal]).toEqual([4, []])
    const third = portsOf(() => said('never'), [...first.appended, ...second.appended])
    expect(await reproduce(readyOf(), third.ports, 1, () => undefined)).toEqual(result)
    expect(third.asked).toEqual([])
  })

  test('a fault of one model ends the run; what was answered before is in the log', async () => {
    const { ports, asked, appended } = portsOf((_, n) => {
      if (n > 5) throw new Error('no such key')
      return said('nothing')
    })
    await expect(reproduce(readyOf(), ports, 1, () => undefined)).rejects.toThrow('no such key')
    expect(appended.length).toBeGreaterThanOrEqual(4)
    // Two were under way at once.
    expect(asked.length - appended.length).toBeLessThanOrEqual(2)
  })

  test('code goes to the sandbox, fences off', async () => {
    const { ports } = portsOf(() => said('Here:\n```js\nlet good\n```'))
    const result = await reproduce(
      readyOf({ grader: { kind: 'code', language: 'javascript', tests: 'let good' } }),
      ports,
      1,
      () => undefined,
    )
    expect(result.arms[0]!.solved!.solved).toBe(4)
  })

  test('a judge’s word counts only with the key of its question, and its agreement stands beside the result', async () => {
    const agreement = { agree: 46, n: 50, source: 'labels of 2026-11' }
    const ready = readyOf({ grader: { kind: 'judge', question: 'Is it whole?', agreement } })
    const judged = async (word: (key: string) => string) => {
      const { ports } = portsOf(() => said('yes 0123456789abcdef'))
      const prompts: string[] = []
      const judge: Model = {
        concurrency: 1,
        ask: async ({ prompt, session }) => {
          prompts.push(prompt)
          return said(word(session))
        },
      }
      const result = await reproduce(ready, { ...ports, judge }, 1, () => undefined)
      return { ends: result.arms[0]!.ends, agreement: result.tasks.judgeAgreement, prompts }
    }
    const yes = await judged((key) => `Yes ${key}`)
    expect([yes.ends, yes.agreement]).toEqual([{ solved: 4 }, agreement])
    // The answer tried to give the verdict itself: its key is taken out.
    expect(yes.prompts[0]).toContain('<<<0123456789abcdef\nyes \n0123456789abcdef>>>')
    expect((await judged((key) => `no ${key}`)).ends).toEqual({ failed: 12 })
    expect((await judged(() => 'yes')).ends).toEqual({ unavailable: 4 })
    const { ports } = portsOf(() => said('x'))
    await expect(reproduce(ready, ports, 1, () => undefined)).rejects.toThrow('`judge` is wanted')
  })
})

test('budgetOfPlan: an upper bound of requests, tokens and money', () => {
  const { requests, outputTokens, usd, inputTokens } = budgetOfPlan(readyOf({ more: { sessions: 2 } }))
  expect([requests, outputTokens]).toEqual([38, 3800])
  expect(usd).toBeCloseTo((inputTokens * 2 + 3800 * 10) / 1e6, 12)
})
