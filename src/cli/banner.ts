import { message } from '../core/briefs/format.ts'
import type { SluiceFacts } from './start-sluice.ts'

/** What `npm start` prints: where it listens, the console, the mode, the upstreams, and three lines to copy. */
export function banner(facts: SluiceFacts, lang: 'ja' | 'en'): string {
  const { gatewayUrl, consoleUrl, mode, upstreams, retention, retentionDays } = facts
  const configured = upstreams.filter(({ rehearsal }) => !rehearsal)
  const lines = [
    message(lang, 'cli.listening', { url: gatewayUrl }),
    message(lang, 'cli.console', { url: consoleUrl }),
    modeLine(mode, facts, lang),
    configured.length === 0
      ? message(lang, 'cli.no_upstream', {})
      : message(lang, 'cli.upstreams', {
          alternatives: configured.map(({ dialect, url }) => `${dialect} ${url}`).join(', '),
        }),
    message(lang, 'cli.key_passes', {}),
    retention === 'none'
      ? 'SLUICE_CONTENT=none'
      : `${message(lang, 'cli.content', { age: lang === 'ja' ? `${retentionDays}日` : `${retentionDays} days`, variable: 'SLUICE_CONTENT=none' })} (SLUICE_CONTENT=${retention})`,
    '',
    message(lang, 'cli.copy', {}),
    `  export ANTHROPIC_BASE_URL=${gatewayUrl}`,
    `  export OPENAI_BASE_URL=${gatewayUrl}/v1`,
    `  ${firstRequest(gatewayUrl, configured)}`,
  ]
  return `\n  Sluice ${facts.version}\n\n${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n\n`
}

/** A request that the first upstream answers; of a model and a key that only its operator knows, their places. */
function firstRequest(gatewayUrl: string, configured: SluiceFacts['upstreams']): string {
  const rehearsal = configured.length === 0
  const body = `{"model":"${rehearsal ? 'rehearsal-large' : 'MODEL'}","max_tokens":256,"messages":[{"role":"user","content":"Hello"}]}`
  const key = rehearsal ? 'any' : 'KEY'
  const chat = !rehearsal && !configured.some(({ dialect }) => dialect === 'anthropic')
  const [path, headers] = chat
    ? ['/v1/chat/completions', `-H 'authorization: Bearer ${key}'`]
    : ['/v1/messages', `-H 'x-api-key: ${key}' -H 'anthropic-version: 2023-06-01'`]
  return `curl ${gatewayUrl}${path} -H 'content-type: application/json' ${headers} -d '${body}'`
}

function modeLine(mode: SluiceFacts['mode'], facts: SluiceFacts, lang: 'ja' | 'en'): string {
  switch (mode) {
    case 'observe':
      return message(lang, 'cli.mode.observe', {})
    case 'enforce':
      return message(lang, 'cli.mode.enforcing', { release: facts.release })
    case 'off':
      return message(lang, 'cli.mode.off', { since: new Date(facts.modeSinceMs).toISOString(), person: facts.modeBy })
  }
}
