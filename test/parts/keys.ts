import type { Running } from './running.ts'

/** The secret of a new key of Sluice. */
export async function keyOf({ facts }: Pick<Running, 'facts'>, org: string, settings: object = {}): Promise<string> {
  const reply = await fetch(`${facts.consoleUrl}/api/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'a test', org, settings }),
  })
  return ((await reply.json()) as { secret: string }).secret
}
