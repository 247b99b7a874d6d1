import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { type AppealId, isDecisionId } from '../core/base/ids.ts'
import { explain, withoutLink } from '../core/briefs/explain.ts'
import { rank } from '../core/policy/policy.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import { isOverdue, OFFER_MS } from '../core/safeguards/appeal-machine.ts'
import { isActive } from '../core/safeguards/exception.ts'
import { recordPlace } from '../jobs/record-place.ts'
import type { AppealRow } from '../jobs/review-ports.ts'
import type { StoredReceipt } from '../jobs/spool-ports.ts'
import { moveAppeal } from './appeals.ts'
import type { PublicAppeal, PublicDecision } from './contract.ts'
import { matchedText } from './matched-text.ts'
import type { AdminPorts } from './ports.ts'
import { publicTrustRoutes } from './public-trust.ts'
import { publicRecordRoutes } from './record.ts'
import { apiError, page, pageFault, secure } from './replies.ts'

/** Appeals of one principal within a day: enough for every honest mistake, and no flood. */
const MOST_FILINGS = 20
const FILINGS_MS = 86_400_000
const noteSchema = z.object({ note: z.string().trim().min(1).max(4000) })

/** What a refused or diverted caller sees, without a login: the link is the key, and opens this one decision. */
export function publicApp(ports: AdminPorts): Hono {
  const app = new Hono()
  app.use(secure)
  app.onError(pageFault(ports))
  app.get('/d/:id', async (c) => {
    const name = c.req.param('id')
    const json = name.endsWith('.json')
    const found = await find(c, json ? name.slice(0, -5) : name, ports)
    if (found === null) {
      // A person reads it as a page, which says the same.
      if (!json && (c.req.header('accept') ?? '').includes('text/html')) return page(c, 'decision.html', ports, 404)
      return apiError(c, 404, 'not_found', 'no such decision, or the link is not complete', LINK_NEXT)
    }
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
    const filed = await file(found.receipt, body.data.note, ports)
    if (filed !== 'too_many') return c.json(await publicAppeal(filed, ports))
    c.header('retry-after', '3600')
    const message = `this key has filed ${MOST_FILINGS} appeals within a day, which is the most`
    return apiError(c, 429, 'too_many_appeals', message, 'the offer stands for 30 days: file it tomorrow')
  })
  app.post('/d/:id/withdraw', async (c) => {
    const found = await find(c, c.req.param('id'), ports)
    const row = found === null ? null : await ports.store.appeal(found.receipt.id)
    if (found === null || row === null)
      return apiError(c, 404, 'not_found', 'no appeal here, or the link is not complete', LINK_NEXT)
    const done = await moveAppeal(row, found, { kind: 'withdraw' }, found.receipt.principal, ports)
    if ('illegal' in done)
      return apiError(c, 409, done.illegal, 'this appeal is closed already', 'reload the page to see how it ended')
    return c.json(await publicAppeal(done, ports))
  })
  publicTrustRoutes(app, ports)
  publicRecordRoutes(app, ports)
  app.get('/assets/:file', async (c) => page(c, `assets/${c.req.param('file')}`, ports))
  return app
}

const LINK_NEXT = 'copy the whole link from the refusal, with everything after the question mark'

async function file(receipt: Receipt, note: string, ports: AdminPorts): Promise<AppealRow | 'too_many'> {
  const { id: decision, org, principal } = receipt
  const filedAtMs = ports.nowMs()
  const nothing = { seq: 0, lock: null, verdict: null, fixedIn: null }
  const respondByMs = filedAtMs + ports.appealHours * 3_600_000
  const id = receipt.appeal as AppealId
  const filed = await ports.store.fileAppeal(
    { id, decision, org, principal, state: 'open', filedAtMs, respondByMs, note, ...nothing },
    { appeals: MOST_FILINGS, sinceMs: filedAtMs - FILINGS_MS },
  )
  return filed === 'too_many' ? filed : filed.appeal
}

/** What the appellant is told of an appeal. Who decided is not among it. */
async function publicAppeal(row: AppealRow, ports: AdminPorts): Promise<PublicAppeal> {
  const { id, state, filedAtMs, respondByMs, verdict, fixedIn } = row
  const overturned = state === 'overturned'
  const [exception, credit, before] = await Promise.all([
    overturned ? ports.store.exceptionOf(id) : null,
    overturned ? ports.store.creditOf(id) : null,
    ports.store.openBefore(filedAtMs),
  ])
  const nowMs = ports.nowMs()
  return {
    ...{ id, state, filedAtMs, respondByMs, before, fixedIn },
    overdue: isOverdue({ ...row, offeredAtMs: filedAtMs }, nowMs),
    verdict: verdict === null ? null : { atMs: verdict.atMs, reason: verdict.reason },
    replayUntilMs: exception !== null && isActive(exception, nowMs) ? exception.untilMs : null,
    creditedTokens: credit === null ? null : credit.tokens.reduce((sum, one) => sum + one.input + one.output, 0),
  }
}

async function find(c: Context, id: string, ports: AdminPorts): Promise<StoredReceipt | null> {
  if (!isDecisionId(id) || !ports.sameSecret(c.req.query('k') ?? '', ports.capability(id))) return null
  return ports.store.receipt(id)
}

function mayAppeal(receipt: Receipt, ports: AdminPorts): boolean {
  const fresh = ports.nowMs() - receipt.atMs < OFFER_MS
  return fresh && rank(receipt.decision.action) > rank('flag')
}

export async function publicDecision(stored: StoredReceipt, ports: AdminPorts): Promise<PublicDecision> {
  const { receipt, hash } = stored
  const { decision } = receipt
  const [appeal, labels] = await Promise.all([ports.store.appeal(receipt.id), ports.store.labelsOf(receipt.id)])
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
    record: await recordPlace(ports.store, receipt.id),
    // What was asked is the caller's own; an answer that was withheld stays withheld.
    content: decision.stage === 'input' ? matchedText(receipt, await ports.content(receipt), ports) : null,
    explanation: { ja: sentence('ja'), en: sentence('en') },
    trust,
    appeal: appeal === null ? null : await publicAppeal(appeal, ports),
    mayAppeal: appeal === null && mayAppeal(receipt, ports),
    labelled: labels.some(({ revokedAtMs, golden }) => revokedAtMs === null && !golden),
  }
}
