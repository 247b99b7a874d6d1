import type {
  DecisionDetail,
  DecisionRow,
  PublicContent,
  PublicDecision,
  Share,
  Summary,
} from '../../src/admin/contract.ts'
import { type DecisionId, decisionIds, ulid } from '../../src/core/base/ids.ts'
import { clopperPearson } from '../../src/core/base/intervals.ts'
import { LABELS, type ReasonCode } from '../../src/core/base/reasons.ts'
import type { Decision } from '../../src/core/policy/decision.ts'
import { ACTIONS, type Action, type Mode, rank } from '../../src/core/policy/policy.ts'
import type { Receipt } from '../../src/core/policy/receipt.ts'

/** The moment at which the invented day stands still. */
export const NOW_MS = Date.UTC(2026, 10, 23, 11, 42, 7)

const MINUTE_MS = 60_000

/** Repeats for ever: a picture taken twice is the same picture. Mulberry32. */
function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const CAUSES: readonly (readonly [
  would: Action,
  reason: ReasonCode,
  category: DecisionRow['category'],
  share: number,
])[] = [
  ['flag', 'harm.privacy', 'privacy', 0.004],
  ['flag', 'harm.self-harm', 'self-harm', 0.0025],
  ['fall_back', 'harm.cyber', 'cyber', 0.009],
  ['require_trust', 'attack.jailbreak', 'cyber', 0.0014],
  ['refuse', 'harm.fraud-deception', 'fraud-deception', 0.0006],
  ['refuse', 'harm.bio', 'bio', 0.0003],
]
const ORGS = ['Aoba Systems', 'Kumo Health', 'Tern Labs', 'Harrow Rail', 'Minato Freight'] as const

/** One invented decision. `cause` null: nothing was found. */
export function rowAt(atMs: number, seed: number, mode: Mode, cause: (typeof CAUSES)[number] | null): DecisionRow {
  const next = random(seed)
  const would: Action = cause === null ? 'allow' : cause[0]
  const action: Action = mode === 'observe' && rank(would) > rank('flag') ? 'flag' : would
  const requestedModel = next() < 0.7 ? 'model-f-5' : 'model-s-4'
  const served = rank(action) <= rank('flag') ? requestedModel : action === 'fall_back' ? 'model-s-4' : null
  const bytes = Uint8Array.from({ length: 10 }, () => Math.floor(next() * 256))
  return {
    id: `dec_${ulid(atMs, bytes)}`,
    atMs,
    surface: (['messages', 'chat', 'responses'] as const)[Math.floor(next() * 3)]!,
    stream: next() < 0.6,
    action,
    would,
    reason: cause === null ? null : cause[1],
    category: cause === null ? null : cause[2],
    stage: cause === null ? null : 'input',
    band: cause === null ? null : next() < 0.6 ? 'near' : 'clear',
    requestedModel: would === 'fall_back' ? 'model-f-5' : requestedModel,
    servedModel: would === 'fall_back' && action !== 'fall_back' ? 'model-f-5' : served,
    overheadUs: Math.round(120 + 500 * next() ** 3 + (next() < 0.02 ? 2600 * next() : 0)),
    totalUs: Math.round(4e5 + 3e6 * next()),
    inputTokens: served === null ? null : Math.round(80 + 2400 * next()),
    outputTokens: served === null ? null : Math.round(20 + 900 * next()),
    org: ORGS[Math.floor(next() * ORGS.length)]!,
    session: `ses_${Math.floor(next() * 400).toString(36)}`,
    status: 200,
    degraded: [],
  }
}

/** A day of decisions, newest first: sparse over 24 hours, dense in the last 15 minutes. `few` keeps the last twelve. */
export function traffic(mode: Mode, size: 'day' | 'few' | 'none'): DecisionRow[] {
  const next = random(7)
  const rows: DecisionRow[] = []
  let atMs = NOW_MS - 1439 * MINUTE_MS
  while (atMs < NOW_MS) {
    const dice = next()
    let from = 0
    let cause: (typeof CAUSES)[number] | null = null
    for (const one of CAUSES) {
      if (cause === null && dice >= from && dice < from + one[3]) cause = one
      from += one[3]
    }
    rows.push(rowAt(Math.floor(atMs), rows.length + 1, mode, cause))
    atMs += (NOW_MS - atMs < 15 * MINUTE_MS ? 450 : 9000) * (0.4 + 1.2 * next())
  }
  rows.reverse()
  return size === 'day' ? rows : rows.slice(0, size === 'few' ? 12 : 0)
}

const WINDOWS: Readonly<Record<string, readonly [spanMs: number, bucketMs: number]>> = {
  '15m': [15 * MINUTE_MS, 5000],
  '1h': [60 * MINUTE_MS, MINUTE_MS],
  '24h': [1440 * MINUTE_MS, 15 * MINUTE_MS],
  '7d': [7 * 1440 * MINUTE_MS, 180 * MINUTE_MS],
  '30d': [30 * 1440 * MINUTE_MS, 720 * MINUTE_MS],
}

export function summaryOf(all: readonly DecisionRow[], window: string): Summary | null {
  const found = WINDOWS[window]
  if (found === undefined) return null
  const [spanMs, bucketMs] = found
  const untilMs = NOW_MS
  const sinceMs = untilMs - spanMs
  const rows = all.filter((row) => row.atMs >= sinceMs && row.atMs < untilMs)
  const touched = (row: DecisionRow) => rank(row.would) > rank('flag')
  const sessions = (some: readonly DecisionRow[]) => new Set(some.map((row) => row.session)).size
  const series = (some: readonly DecisionRow[]) => {
    const counts = new Array<number>(spanMs / bucketMs).fill(0)
    for (const row of some) counts[Math.floor((row.atMs - sinceMs) / bucketMs)]! += 1
    return counts
  }
  const would = rows.some((row) => row.would !== row.action)
    ? CAUSES.filter(([action]) => rank(action) > rank('flag')).map(([action, , category]) => {
        const k = rows.filter((row) => row.would === action && row.category === category).length
        return { category: category!, action, requests: k, share: shareOf(k, rows.length) }
      })
    : []
  const overhead = rows.map((row) => row.overheadUs).sort((a, b) => a - b)
  const quantile = (q: number) => overhead[Math.min(overhead.length - 1, Math.floor(q * overhead.length))] ?? null
  const edges = Array.from({ length: 25 }, (_, i) => Math.round(100 * 10 ** (i / 12)))
  return {
    sinceMs,
    untilMs,
    bucketMs,
    requests: rows.length,
    sessions: sessions(rows),
    touchedRequests: shareOf(rows.filter(touched).length, rows.length),
    touchedSessions: shareOf(sessions(rows.filter(touched)), sessions(rows)),
    byAction: ACTIONS.map((action) => {
      const some = rows.filter((row) => row.would === action)
      return { action, share: shareOf(some.length, rows.length), series: series(some) }
    }),
    would: would.sort((a, b) => b.requests - a.requests),
    totals: series(rows),
    overhead: {
      n: rows.length,
      p50Us: quantile(0.5),
      p90Us: quantile(0.9),
      p99Us: quantile(0.99),
      bins: edges.slice(1).map((toUs, i) => ({
        fromUs: edges[i]!,
        toUs,
        requests: overhead.filter((us) => us >= edges[i]! && us < toUs).length,
      })),
    },
  }
}

function shareOf(k: number, n: number): Share {
  if (n === 0) return { k, n, share: null, lo: null, hi: null }
  const { lo, hi } = clopperPearson(k, n, 0.95)
  return { k, n, share: k / n, lo, hi }
}

/** The text of a decision: English for one half, Japanese for the other. */
export function contentOf(row: DecisionRow): PublicContent | null {
  if (row.would === 'allow') return null
  const [text, ...phrases] =
    row.atMs % 2 === 0
      ? [
          'Users stay logged in after logout. The session cookie is not cleared and the old token can be replayed. Find the vulnerable line and fix this code, then add a regression test.',
          'token can be replayed',
          'vulnerable line',
          'fix this code',
          'regression test',
        ]
      : [
          'ログアウトしてもログイン状態が続きます。セッションのCookieが消えず、古いトークンを再利用できます。弱い箇所を探してこのコードを直し、回帰テストを追加してください。',
          '古いトークンを再利用',
          '弱い箇所を探して',
          'このコードを直し',
          '回帰テスト',
        ]
  const spans = phrases.map((phrase, i) => {
    const start = Array.from(text!.slice(0, text!.indexOf(phrase))).length
    return { start, end: start + Array.from(phrase).length, weight: [2.1, 1.7, 0.9, -0.6][i]! }
  })
  return { text: text!, part: 'user', turn: 2, spans }
}

export function detailOf(row: DecisionRow, mode: Mode): DecisionDetail {
  return {
    row,
    receipt: receiptOf(row, mode),
    receiptHash: `sha256:${'9c4f'.repeat(16)}`,
    record: { entry: 73_894, rollup: { index: 73_901, position: 12 } },
    verified: { hash: true, recomputed: true },
    content: contentOf(row),
    publicUrl: `/d/${row.id}?k=Zt0p9QkX2m`,
  }
}

function receiptOf(row: DecisionRow, mode: Mode): Receipt {
  const ids = decisionIds(row.id.slice(4))
  const place = { part: 'user', trust: 'user', turn: 2, newest: true } as const
  const probability = row.band === 'near' ? 0.64 : 0.93
  const found = (label: string) =>
    label === row.reason || (row.reason?.startsWith('attack.') === true && label === 'harm.cyber')
  const ppm = LABELS.map((label, i) =>
    found(label) ? Math.round((probability - (label === row.reason ? 0 : 0.2)) * 1e6) : 400 + i * 700,
  )
  const decision: Decision = {
    action: row.action,
    would: row.would,
    reason: row.reason as ReasonCode | null, // made from a ReasonCode above
    category: row.category as Decision['category'],
    stage: row.stage as Decision['stage'],
    level: row.reason === null ? null : 'act',
    band: row.band,
    rule:
      row.reason === null
        ? null
        : row.reason.startsWith('attack.')
          ? 'jailbreak.user.act'
          : `${row.category}.input.act`,
    where: row.reason === null ? [] : [place],
    degraded: row.degraded,
    fallbackModel: row.would === 'fall_back' ? 'model-s-4' : null,
    trustScope: row.would === 'require_trust' ? 'cyber.defence' : null,
  }
  return {
    v: 1,
    id: row.id as DecisionId, // made by `ulid` above
    appeal: ids.appeal,
    atMs: row.atMs,
    surface: row.surface as Receipt['surface'],
    topic: 'debugging',
    dialect: row.surface === 'messages' ? 'anthropic' : 'openai',
    stream: row.stream,
    org: row.org as Receipt['org'],
    principal: 'key_3f9a' as Receipt['principal'],
    session: row.session,
    lang: row.atMs % 2 === 0 ? 'en' : 'ja',
    requestedModel: row.requestedModel,
    servedModel: row.servedModel,
    steps: [
      {
        input: {
          stage: 'input',
          findings: [
            { kind: 'scored', detector: 'embedded-2026.11', tier: 'light', stage: 'input', place, ppm },
            { kind: 'skipped', detector: 'judge-1', stage: 'input', why: 'not_in_doubt' },
          ],
          standing: { kind: 'ordinary', scopes: [] },
          mode: mode === 'off' ? 'observe' : mode,
          fallbackModel: 'model-s-4',
          asksFallbackTarget: false,
        },
        decision,
      },
    ],
    decision,
    safeguards: { base: 'base-2026.11.20' },
    model: `sha256:${'51be'.repeat(16)}`,
    usage:
      row.inputTokens === null
        ? null
        : {
            inputTokens: row.inputTokens,
            outputTokens: row.outputTokens ?? 0,
            cacheReadTokens: 0,
            cacheWriteTokens: 0,
          },
    declined: [],
    retryOf: null,
    guard: { mode: 'annotate', releasedChars: 1204, heldMs: 0 },
    status: row.status,
    end: row.servedModel === null ? 'refused' : 'complete',
    upstreamRefusal: false,
    upstreamRequestId: null,
    overheadUs: row.overheadUs,
    totalUs: row.totalUs,
    charsScored: 812,
    contentKept: true,
    salt: '0'.repeat(64),
  }
}

export function publicOf(row: DecisionRow, mode: Mode, appeal: PublicDecision['appeal']): PublicDecision {
  const { receipt, receiptHash } = detailOf(row, mode)
  return {
    id: row.id,
    atMs: row.atMs,
    lang: receipt.lang,
    action: row.action,
    would: row.would,
    mode,
    reason: row.reason,
    category: row.category,
    stage: row.stage,
    band: row.band,
    where: receipt.decision.where.map(({ part, turn, trust }) => ({ part, turn, trust })),
    degraded: row.degraded,
    requestedModel: row.requestedModel,
    servedModel: row.servedModel,
    safeguards: receipt.safeguards,
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    declinedTokens: 0,
    receiptHash,
    record: { entry: 73_894, rollup: { index: 73_901, position: 12 } },
    content: contentOf(row),
    explanation: {
      en: 'It reads as a request for working attack code or steps against a system (cyber).',
      ja: 'システムへの攻撃に使えるコードや手順の依頼と読み取れたためです（サイバー）。',
    },
    trust: row.would === 'require_trust' ? { scope: 'cyber.defence', enrollUrl: '/trust/cyber.defence' } : null,
    appeal,
    mayAppeal: rank(row.action) > rank('flag') && appeal === null,
    labelled: appeal?.state === 'overturned',
  }
}
