import type { Hono } from 'hono'
import { type Applied, inForce, keyOf, type RecordView } from '../core/jailbreaks/exchange/record-view.ts'
import { timeMs } from '../core/jailbreaks/exchange/time.ts'
import type { Case } from '../core/jailbreaks/registry/case.ts'
import type { PartnerAdmin } from './partner-admin.ts'
import type { Opinion, PartnerList, PartnerObject } from './partner-contract.ts'
import { apiError } from './replies.ts'

interface PartnerRoutes {
  readonly partners: PartnerAdmin
  /** Reports of this instance: what a partner shares may be one of them. */
  cases(): Promise<readonly Case[]>
  nowMs(): number
}

/** GET /api/partners: every feed and record as lists show them. GET /api/partners/{publisher}/{id}: one record whole. */
export function partnerRoutes(app: Hono, { partners, cases, nowMs }: PartnerRoutes): void {
  app.get('/api/partners', async (c) => {
    const now = nowMs()
    const [self, pinned, feeds, applied, views, known] = await Promise.all([
      partners.self(),
      partners.pinned(),
      partners.feeds(now),
      partners.applied(),
      partners.views(),
      cases(),
    ])
    return c.json({
      nowMs: now,
      partners: pinned,
      feeds,
      reads: partners.reads(),
      objects: views
        .map((view) => objectOf(view, self, known))
        .sort((a, b) => (timeMs(b.modified) ?? 0) - (timeMs(a.modified) ?? 0)),
      others: othersOf([...inForce(applied).values()]),
    } satisfies PartnerList)
  })
  // A publisher's name may hold slashes: the id is what stands after the last one.
  app.get('/api/partners/*', async (c) => {
    const key = decoded(c.req.path.slice('/api/partners/'.length))
    const view = (await partners.views()).find(({ publisher, record }) => keyOf(publisher, record.id) === key)
    return view === undefined
      ? apiError(c, 404, 'not_found', 'no record of that publisher and id', 'see /api/partners')
      : c.json(view)
  })
}

/** As it is where it is no way to write a name: nothing has that one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

function objectOf(view: RecordView, self: string | null, known: readonly Case[]): PartnerObject {
  const { publisher, level, sha256, record, withdrawn, disputed, cells, statements } = view
  return {
    ...{ publisher, level, sha256, withdrawn, disputed },
    ...{ id: record.id, modified: record.modified, summary: record.summary },
    cells: cells.map(({ target, harm, tenths, counting, consensus }) => ({
      ...{ target, harm, tenths, apart: consensus.apart },
      parties: new Set(counting.map(({ party }) => party)).size,
    })),
    opinions: statements.map(({ statement, by, aboutThis }): Opinion => {
      const dispute = statement.kind === 'dispute' ? statement : null
      return {
        ...{ by, aboutThis, kind: statement.kind, at: statement.at, id: statement.id },
        claim: dispute?.claim ?? null,
        settled: dispute?.settled ?? null,
        vector: statement.kind === 'assessment' ? statement.assessment.vector : null,
      }
    }),
    local: localOf(view, self, known),
  }
}

/** The report here that names the record as its alias, or that is the record: numbers of others are others' own. */
function localOf({ publisher, record }: RecordView, self: string | null, known: readonly Case[]): string | null {
  const key = keyOf(publisher, record.id)
  const same = (one: Case) =>
    publisher === self ? one.id === record.id : one.aliases.some(({ id }) => id === key || id === record.id)
  return known.find(same)?.id ?? null
}

function othersOf(found: readonly Applied[]): PartnerList['others'] {
  const beside = found.flatMap(({ publisher, type }) => (type === 'record' ? [] : [{ publisher, type }]))
  const groups = Map.groupBy(beside, ({ publisher, type }) => `${publisher}\n${type}`)
  return [...groups.values()].map((group) => ({ ...group[0]!, count: group.length }))
}
