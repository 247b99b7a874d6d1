import type { Status } from '../../contract.ts'
import { Empty } from '../parts/states.tsx'
import { useWords } from '../words.tsx'

/** An empty log says what to type, so that it does not stay empty. */
export function NothingYet({ filtered, status }: { readonly filtered: boolean; readonly status: Status | undefined }) {
  const words = useWords()
  if (filtered) {
    return (
      <Empty title={words('empty.filter')}>
        <p className="text-ink-2">{words('empty.filter.next')}</p>
      </Empty>
    )
  }
  return (
    <Empty title={words('empty.live')}>
      <p className="text-ink-2">{words('empty.live.next')}</p>
      {status === undefined ? null : <pre className="mono">{commandFor(status)}</pre>}
    </Empty>
  )
}

function commandFor({ gatewayUrl, upstreams }: Status): string {
  const openai = upstreams.length > 0 && upstreams.every(({ dialect }) => dialect === 'openai')
  const [path, key, model] = openai
    ? ['/v1/chat/completions', 'authorization: Bearer $OPENAI_API_KEY', 'gpt-5.5']
    : ['/v1/messages', 'x-api-key: $ANTHROPIC_API_KEY', 'claude-sonnet-5']
  const body = JSON.stringify({ model, max_tokens: 64, messages: [{ role: 'user', content: 'Hello' }] })
  return `curl ${gatewayUrl}${path} -H "${key}" -H 'content-type: application/json' -d '${body}'`
}
