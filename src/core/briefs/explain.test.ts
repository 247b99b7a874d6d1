import { expect, test } from 'vitest'
import { type Explained, type ExplainFacts, explain, withoutLink } from './explain.ts'

const decision: Explained = {
  action: 'refuse',
  reason: 'control.suspended',
  category: null,
  stage: 'control',
  where: [],
  trustScope: null,
}
const facts: ExplainFacts = {
  midStream: false,
  annotated: false,
  org: 'acme',
  publicUrl: 'https://s.example',
  appealUrl: 'https://s.example/d/dec_1?k=2',
  appealId: 'apl_1',
  requestedModel: 'large',
  servedModel: null,
  detail: 'standard',
}
const until = '2026-06-13T09:21:00Z'
const briefUrl = 'https://s.example/briefs/1'

test('explain: of a suspended model for which nobody answered: that, its end where it has one, and where to appeal', () => {
  const en = explain('en', decision, { ...facts, suspension: { until, briefUrl } })
  expect(en).toBe(
    `No model answered this request: large is suspended until ${until}. Background: ${briefUrl} Details and appeal: ${facts.appealUrl} (appeal apl_1)`,
  )
  expect(explain('en', decision, { ...facts, suspension: null })).toBe(
    `No model answered this request: large is suspended. Details and appeal: ${facts.appealUrl} (appeal apl_1)`,
  )
  expect(explain('ja', decision, { ...facts, suspension: { until, briefUrl } })).toBe(
    `このリクエストにはどのモデルも回答していません。largeは${until}まで停止しています。経緯： ${briefUrl} 詳細・異議申立て： ${facts.appealUrl} （申立て番号：apl_1）`,
  )
  expect(explain('ja', decision, facts)).toBe(
    `このリクエストにはどのモデルも回答していません。largeは停止しています。詳細・異議申立て： ${facts.appealUrl} （申立て番号：apl_1）`,
  )
  expect(withoutLink('en', en)).not.toContain('apl_1')
})

const found = (part: string, trust = 'untrusted'): Explained => ({
  ...decision,
  reason: 'attack.injection',
  category: 'prompt-injection',
  stage: 'input',
  where: [{ part, trust }],
})

test('explain: what was found in a quoted part: in which kind of part, so that it can be left out', () => {
  const said = (one: Explained) => [explain('en', one, facts), explain('ja', one, facts)]
  const names: [part: string, en: string, ja: string][] = [
    ['document', 'in the quoted document', '引用した文書の中'],
    ['tool_result', 'in the result of a tool', 'ツールの結果の中'],
    ['tool_definition', 'in the definition of a tool', 'ツールの定義の中'],
    ['assistant', 'in an earlier answer', '以前の回答の中'],
  ]
  for (const [part, en, ja] of names) {
    const [inEnglish, inJapanese] = said(found(part))
    expect(inEnglish).toContain(`It stands ${en}.`)
    expect(inJapanese).toContain(ja)
    expect(explain('en', found(part), { ...facts, detail: 'minimal' })).not.toContain(en)
  }
  const two = { ...found('document'), where: [...found('document').where, ...found('tool_result').where] }
  expect(said(two)[0]).toContain('Removing the quoted document or tool result')
  expect(said(found('user'))[0]).toContain('Removing the quoted document or tool result')
})

test('explain: what the caller asked in its own words has no part to be left out', () => {
  expect(explain('en', found('user', 'user'), facts)).toContain('Describing your purpose')
  const both = { ...found('document'), where: [...found('document').where, ...found('user', 'user').where] }
  expect(explain('en', both, facts)).toContain('Describing your purpose')
})

test('explain: of a suspended model for which another answered: which, and no end where it has none', () => {
  const served = { ...facts, servedModel: 'small' }
  const fallBack = { ...decision, action: 'fall_back' } as const
  expect(explain('en', fallBack, { ...served, suspension: { until, briefUrl } })).toBe(
    `Answered by small: large is suspended until ${until}. Background: ${briefUrl}`,
  )
  expect(explain('en', fallBack, { ...served, suspension: { until: null, briefUrl: null } })).toBe(
    `Answered by small: large is suspended. Background: ${facts.appealUrl}`,
  )
  expect(explain('ja', fallBack, { ...served, suspension: { until: null, briefUrl } })).toBe(
    `この回答はsmallが作成しました。largeは停止しています。経緯： ${briefUrl}`,
  )
})
