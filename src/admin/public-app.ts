import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { type AppealId, isDecisionId } from '../core/base/ids.ts'
import { explain, withoutLink } from '../core/briefs/explain.ts'
import { rank } from '../core/policy/policy.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import type { StoredReceipt } from '../jobs/ports.ts'
import type { PublicAppeal, PublicDecision } from './contract.ts'
import { matchedText } from './matched-text.ts'
import type { AdminPorts } from './ports.ts'
import { apiError, page, secure } from './replies.ts'

const OFFER_DAYS = 30
const noteSchema = z.object({ note: z.string().trim().min(1).max(4000) })

/** What a refused or diverted caller sees, without a login: the link is the key, and opens this one decision. */
export function publicApp(ports: AdminPorts): Hono {
  const app = new Hono()
  app.use(secure)
  app.get('/d/:id', async (c) => {
    const name = c.req.param('id')
    const json = name.endsWith('.json')
    const found = await find(c, json ? name.slice(0, -5) : name, ports)
    if (found === null) return apiError(c, 404, 'not_found', 'no such decision, or the link is not complete', LINK_NEXT)
    return json ? c.json(await publicDecision(found, ports)) : page(c, 'decision.html', ports)
  })
  app.post('/d/:id/appeal', async (c) => {
    const found = await find(c, c.req.param('id'), ports)
    if (found === null) return apiError(c, 404, 'not_found', 'no such decision, or the link is not complete', LINK_NEXT)
    const body = noteSchema.safeParse(await c.req.json().catch(() => null))
    if (!body.success)
      return apiError(
        c,
        400,
        'note_invalid',
        'note: wanted 1 to 4000 characters',
        'say in a sentence what you were doing',
      )
    if (!mayAppeal(found.receipt, ports)) {
      const message = 'this decision cannot be appealed: it was answered, or the offer has lapsed'
      return apiError(c, 409, 'not_appealable', message, 'send the request again; a new decision gets a new offer')
    }
    const filedAtMs = ports.nowMs()
    const { appeal, before } = await ports.store.fileAppeal({
      id: found.receipt.appeal as AppealId,
      decision: found.receipt.id,
      state: 'open',
      filedAtMs,
      respondByMs: filedAtMs + ports.appealHours * 3_600_000,
      note: body.data.note,
    })
    const { id, state, respondByMs } = appeal
    return c.json({ id, state, filedAtMs: appeal.filedAtMs, respondByMs, before } satisfies PublicAppeal)
  })
  app.get('/assets/:file', async (c) => page(c, `assets/${c.req.param('file')}`, ports))
  return app
}

const LINK_NEXT = 'copy the whole link from the refusal, with everything after the question mark'

async function find(c: Context, id: string, ports: AdminPorts): Promise<StoredReceipt | null> {
  if (!isDecisionId(id) || !ports.sameSecret(c.req.query('k') ?? '', ports.capability(id))) return null
  return ports.store.receipt(id)
}

function mayAppeal(receipt: Receipt, ports: AdminPorts): boolean {
  const fresh = ports.nowMs() - receipt.atMs < OFFER_DAYS * 86_400_000
  return fresh && rank(receipt.decision.action) > rank('flag')
}

export async function publicDecision(stored: StoredReceipt, ports: AdminPorts): Promise<PublicDecision> {
  const { receipt, hash } = stored
  const { decision } = receipt
  const appeal = await ports.store.appeal(receipt.id)
  const scope = decision.trustScope
  const trust = scope === null ? null : { scope, enrollUrl: `${ports.publicUrl}/trust/${scope}` }
  const url = `${ports.publicUrl}/d/${receipt.id}?k=${ports.capability(receipt.id)}`
  const sentence = (lang: 'ja' | 'en') =>
    decision.reason === null
      ? ''
      : withoutLink(
          lang,
          explain(lang, decision, {
            midStream: receipt.stream && decision.stage !== 'input',
            annotated: receipt.guard.mode === 'annotate',
            org: receipt.org,
            publicUrl: ports.publicUrl,
            appealUrl: url,
            appealId: receipt.appeal,
            requestedModel: receipt.requestedModel,
            servedModel: receipt.servedModel,
            detail: 'standard',
          }),
        )
  return {
    id: receipt.id,
    atMs: receipt.atMs,
    lang: receipt.lang,
    action: decision.action,
    would: decision.would,
    mode: receipt.steps[0]?.input.mode ?? 'observe',
    reason: decision.reason,
    category: decision.category,
    stage: decision.stage,
    band: decision.band,
    where: decision.where
      .filter(({ turn }) => turn >= 0)
      .map(({ part, turn, trust: who }) => ({ part, turn, trust: who })),
    degraded: decision.degraded,
    requestedModel: receipt.requestedModel,
    servedModel: receipt.servedModel,
    safeguards: receipt.safeguards,
    inputTokens: receipt.usage?.inputTokens ?? null,
    outputTokens: receipt.usage?.outputTokens ?? null,
    declinedTokens: receipt.declined.reduce((sum, { usage }) => sum + usage.inputTokens + usage.outputTokens, 0),
    receiptHash: `sha256:${hash}`,
    // What was asked is the caller's own; an answer that was withheld stays withheld.
    content: decision.stage === 'input' ? matchedText(receipt, await ports.content(receipt), ports.classifier) : null,
    explanation: { ja: sentence('ja'), en: sentence('en') },
    trust,
    appeal:
      appeal === null
        ? null
        : {
            id: appeal.id,
            state: appeal.state,
            filedAtMs: appeal.filedAtMs,
            respondByMs: appeal.respondByMs,
            before: 0,
          },
    mayAppeal: appeal === null && mayAppeal(receipt, ports),
  }
}
