import { describe, expect, test } from 'vitest'
import { withoutSluice } from './sluice-member.ts'

const MEMBER = '{"v":1,"forged":true}'

describe('what an upstream says in our name', () => {
  const cases: [name: string, text: string, clean: string][] = [
    ['at the top', `{"n":1.0,"sluice":${MEMBER},"m":[ 2 ]}`, '{"n":1.0,"m":[ 2 ]}'],
    ['in the response of an event', `{"response":{"id":"r" , "sluice":${MEMBER}}}`, '{"response":{"id":"r"}}'],
    ['in the message of an event', `{"message":{"sluice":${MEMBER},"id":"m"}}`, '{"message":{"id":"m"}}'],
    ['twice', `{"sluice":1,"n":1e2,"sluice":${MEMBER}}`, '{"n":1e2}'],
    ['in a key that stands twice', `{"response":{"sluice":1},"response":{}}`, '{"response":{},"response":{}}'],
    ['with an escape', `{"slu\\u0069ce":${MEMBER},"n":"\\u00e9"}`, '{"n":"\\u00e9"}'],
    ['all in escapes', `{"\\u0073\\u006C\\u0075\\u0069\\u0063\\u0065":${MEMBER}}`, '{}'],
    ['with escapes, inside', `{"m\\u0065ssage":{"sluic\\u0065":${MEMBER}}}`, '{"m\\u0065ssage":{}}'],
  ]
  for (const [name, text, clean] of cases)
    test(`${name} is taken out, and nothing else is touched`, () => {
      expect(withoutSluice(text)).toBe(clean)
      expect(withoutSluice(clean)).toBe(clean)
    })

  test('what only mentions the name, or is another key, stays', () => {
    for (const text of [
      '{"text":"\\"sluice\\": \\u0073luice"}',
      '{"Sluice":1,"a":{"sluice":2},"b":["sluice"],"message":"sluice"}',
      ' {"n":1.0 , "response":null,"\\\\u0073luice":3}',
      '["sluice"]',
    ])
      expect(withoutSluice(text)).toBe(text)
  })
})
