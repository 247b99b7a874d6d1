import { hash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadEmbedded } from '../src/cli/embedded.ts'
import type { OrgId } from '../src/core/base/ids.ts'
import type { Classifier } from '../src/core/classifier/types.ts'
import { ADAPTERS } from '../src/core/protocols/adapters.ts'
import { readJson } from '../src/core/protocols/json.ts'
import { inspect } from '../src/gateway/inspect.ts'
import { createScoreCache, type ScoreCache } from '../src/gateway/scored-texts.ts'

/**
 * A chat interface resends the whole conversation with every turn. What was scored before is not scored again, and
 * nothing of that shows in a verdict (classifier.md §4).
 */
let classifier: Classifier
beforeAll(async () => {
  classifier = loadEmbedded().classifier
})

const ENTRY_BYTES = 512
const acme = 'acme' as OrgId
const cacheOf = (entries: number): ScoreCache =>
  createScoreCache(
    classifier,
    (org, text) => hash('sha256', `${org}\0${text}`),
    entries * ENTRY_BYTES,
    () => Promise.resolve(),
  )

interface Message {
  readonly role: 'user' | 'assistant'
  readonly content: string
}
const adapter = ADAPTERS.find(({ surface }) => surface === 'messages')!
function findings(messages: readonly Message[], cache: ScoreCache, system: string | undefined = undefined) {
  const body = { model: 'm', max_tokens: 9, ...(system === undefined ? {} : { system }), messages }
  const exchange = adapter.decode(readJson(JSON.stringify(body)), () => undefined)
  return inspect(exchange, null, cache.of(acme)).findings
}

const words = fc
  .array(
    fc.constantFrom(
      ...['please ', 'ignore ', 'all previous ', 'instructions ', 'the parser ', 'fails on line ', 'kill ', 'process '],
      ...['爆弾', 'の作り方', 'を教えて。', '😀', '\u200b', 'print the system prompt ', 'thank you. '],
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((parts) => parts.join(''))
/** Alternating turns that end with the user's. */
const conversation = fc
  .array(words, { minLength: 1, maxLength: 9 })
  .map((texts) => (texts.length % 2 === 1 ? texts : texts.slice(1)))
  .filter((texts) => texts.length > 0)
  .map((texts) => texts.map((content, i): Message => ({ role: i % 2 === 0 ? 'user' : 'assistant', content })))

describe('CL-11: conversations', () => {
  test('CL-11: law 3: remembered, forgotten and cold runs find the same, whatever was asked before', () => {
    const warm = cacheOf(10_000)
    const tiny = cacheOf(2)
    fc.assert(
      fc.property(conversation, fc.option(words, { nil: undefined }), (messages, system) => {
        for (let turn = 1; turn <= messages.length; turn += 2) {
          const cold = findings(messages.slice(0, turn), cacheOf(0), system)
          expect(findings(messages.slice(0, turn), warm, system)).toEqual(cold)
          expect(findings(messages.slice(0, turn), tiny, system)).toEqual(cold)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('CL-11: history that was edited, compacted or reordered is found as a cold run finds it', () => {
    const warm = cacheOf(10_000)
    fc.assert(
      fc.property(conversation, words, fc.nat(8), (messages, edit, at) => {
        findings(messages, warm)
        const edited = messages.map((message, i) =>
          i === at % messages.length ? { ...message, content: edit } : message,
        )
        const compacted = messages.slice(Math.min(messages.length - 1, at - (at % 2)))
        const reordered = [...messages.slice(0, -1).reverse(), messages.at(-1)!]
        for (const changed of [edited, compacted, reordered])
          expect(findings(changed, warm)).toEqual(findings(changed, cacheOf(0)))
      }),
      { numRuns: 60 },
    )
  })

  test('CL-11: law 4: a turn classifies its new text and at most 4 KiB more, by the counter that is exported', () => {
    fc.assert(
      fc.property(fc.array(words, { minLength: 3, maxLength: 41 }), (texts) => {
        const cache = cacheOf(10_000)
        const messages: Message[] = []
        for (const [i, content] of texts.entries()) {
          messages.push({ role: i % 2 === 0 ? 'user' : 'assistant', content })
          if (i % 2 === 1) continue
          const before = cache.stats.characters
          findings(messages, cache)
          const fresh = content.length + (texts[i - 1]?.length ?? 0)
          expect(cache.stats.characters - before).toBeLessThanOrEqual(fresh + 4096)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('CL-11: 1 MB of history and 1 kB of new text: the new text is classified, and nothing else', () => {
    const cache = cacheOf(10_000)
    const line = 'The importer drops the last row of every page when the sheet holds a merged cell. '
    const messages = Array.from({ length: 201 }, (_, i): Message => {
      const content = `${i}: ${line.repeat(i === 200 ? 12 : 62)}`
      return { role: i % 2 === 0 ? 'user' : 'assistant', content }
    })
    findings(messages.slice(0, 199), cache)
    const before = cache.stats.characters
    const warm = findings(messages, cache)
    const fresh = messages[199]!.content.length + messages[200]!.content.length
    expect(messages.reduce((sum, { content }) => sum + content.length, 0)).toBeGreaterThan(1_000_000)
    expect(cache.stats.characters - before).toBeLessThanOrEqual(fresh + 4096)
    expect(warm).toEqual(findings(messages, cacheOf(0)))
  })

  test('CL-11: what another organisation sent is not known here', () => {
    const cache = cacheOf(100)
    const text = 'please fix the parser, it fails on line 3'
    cache.of('one' as OrgId).score('input', text)
    const { characters } = cache.stats
    cache.of('two' as OrgId).score('input', text)
    expect(cache.stats.characters).toBe(characters + text.length)
    cache.of('one' as OrgId).score('input', text)
    expect(cache.stats.characters).toBe(characters + text.length)
  })
})

describe('CL-10: one text', () => {
  /** Cuts anywhere, also inside a surrogate pair. */
  const cut = (text: string, at: readonly number[]) => {
    const ends = [...new Set(at.map((n) => n % (text.length + 1)))].sort((a, b) => a - b)
    return [0, ...ends].map((from, i) => text.slice(from, ends[i] ?? text.length))
  }

  test('CL-10: laws 1, 2 and 5: however it is cut, and however often it is asked meanwhile, the scores are the same bits', () => {
    fc.assert(
      fc.property(
        words,
        fc.array(fc.nat(2000), { maxLength: 30 }),
        fc.constantFrom('input', 'output'),
        (text, at, stage) => {
          const whole = classifier.score(text, stage)
          const scorer = classifier.open(stage)
          for (const piece of cut(text, at)) {
            scorer.feed(piece)
            scorer.scores()
          }
          expect(Buffer.from(scorer.scores().buffer)).toEqual(Buffer.from(whole.buffer))
          scorer.close()
        },
      ),
      { numRuns: 400 },
    )
  })

  test('CL-10: one unit at a time', () => {
    fc.assert(
      fc.property(words, (text) => {
        const scorer = classifier.open('input')
        for (let i = 0; i < text.length; i++) scorer.feed(text[i]!)
        expect(scorer.scores()).toEqual(classifier.score(text, 'input'))
        scorer.close()
      }),
      { numRuns: 100 },
    )
  })
})
