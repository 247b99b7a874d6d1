import { createHmac, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type HttpTarget, yesOrNo } from './target.ts'

const answerSchema = z.object({ action: z.enum(['allow', 'deny']) })

/**
 * An inference hook: a prompt frame, signed as Standard Webhooks says when there is a secret. It says allow or deny and
 * nothing between, so there is one threshold, its own.
 */
export function hookTarget(url: string, secret: string | null): HttpTarget {
  return {
    url,
    request(row) {
      const id = `msg_${randomUUID()}`
      const messages = row.turns.map(({ role, content }) => ({
        role: role === 'assistant' ? 'assistant' : 'user',
        content,
      }))
      const body = JSON.stringify({ type: 'prompt', request_id: id, model: 'evaluation', messages })
      return { body, headers: secret === null ? {} : signed(id, body, secret) }
    },
    read(answer) {
      const read = answerSchema.safeParse(answer)
      return read.success ? yesOrNo(read.data.action === 'deny') : null
    },
  }
}

function signed(id: string, body: string, secret: string): Record<string, string> {
  const at = String(Math.floor(Date.now() / 1000))
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` }
}
