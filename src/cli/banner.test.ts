import { expect, test } from 'vitest'
import { banner } from './banner.ts'
import type { SluiceFacts } from './start-sluice.ts'

const facts = (upstreams: SluiceFacts['upstreams']) =>
  ({
    ...{ gatewayUrl: 'http://127.0.0.1:1', consoleUrl: 'http://localhost:2', mode: 'observe', upstreams },
    ...{ retention: 'all', retentionDays: 30, version: '1' },
  }) as SluiceFacts
const at = (dialect: 'anthropic' | 'openai', rehearsal = false) => ({ dialect, url: 'http://up', rehearsal })

test('banner: the request to copy is one that the upstream answers; where an upstream was named is not guessed', () => {
  expect(banner(facts([at('anthropic', true), at('openai', true)]), 'en')).toMatch(
    /curl http:\/\/127\.0\.0\.1:1\/v1\/messages .*x-api-key: any.*"model":"rehearsal-large"/,
  )
  const both = banner(facts([at('anthropic'), at('openai')]), 'en')
  expect(both).toContain('Upstreams: anthropic http://up, openai http://up')
  expect(both).toMatch(/\/v1\/messages .*x-api-key: KEY.*"model":"MODEL"/)
  const chat = banner(facts([at('openai')]), 'ja')
  expect(chat).toContain('接続先：openai http://up')
  expect(chat).toMatch(/\/v1\/chat\/completions .*authorization: Bearer KEY.*"model":"MODEL"/)
  expect(both + chat).not.toMatch(/rehearsal|environment|環境変数/)
})
