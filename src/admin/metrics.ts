import { Counter, Gauge, Registry } from 'prom-client'
import type { FeedRead } from '../jobs/feed/feed-read.ts'
import type { AdminPorts } from './ports.ts'

const COUNTERS: Readonly<Record<string, readonly [string, string]>> = {
  classified_characters: ['sluice_classified_characters_total', 'UTF-16 units that went through the classifier'],
  score_cache_hits: ['sluice_score_cache_hits_total', 'texts whose scores were known'],
  score_cache_misses: ['sluice_score_cache_misses_total', 'texts that were scored'],
  degraded: ['sluice_stage_unavailable_total', 'decisions during which a stage did not answer'],
  escalated: ['sluice_requests_escalated_total', 'requests for which a second opinion was asked'],
  shed: ['sluice_requests_shed_total', 'requests turned away because there were too many'],
  probing: ['sluice_probing_budgets_spent_total', 'principals that collected as many refusals as the budget allows'],
  asked_again: [
    'sluice_asked_again_total',
    'answered requests that say nearly what their caller was refused a moment ago',
  ],
  rules_disabled: ['sluice_rules_disabled_total', 'rules that cost more than their budget and are not asked any more'],
  contents_dropped: ['sluice_contents_dropped_total', 'contents that were not kept, under pressure'],
}
const GAUGES: Readonly<Record<string, readonly [string, string]>> = {
  score_cache_bytes: ['sluice_score_cache_bytes', 'memory of remembered scores'],
  in_flight: ['sluice_requests_in_flight', 'requests that are being answered'],
  breakers_open: ['sluice_upstream_breakers_open', 'upstreams that are taken for down'],
  spool_fill: ['sluice_spool_fill_ratio', 'share of the bound that waiting receipts use'],
}

/** Metrics in the Prometheus text format: counts only, no text, no user, no key in a label. */
export async function metrics(ports: AdminPorts): Promise<{ readonly text: string; readonly type: string }> {
  const stats = await ports.stats()
  const registers = [new Registry()]
  for (const [name, [metric, help]] of Object.entries(COUNTERS))
    new Counter({ name: metric, help, registers }).inc(stats[name] ?? 0)
  for (const [name, [metric, help]] of Object.entries(GAUGES))
    new Gauge({ name: metric, help, registers }).set(stats[name] ?? 0)
  const decisions = new Counter({
    name: 'sluice_decisions_total',
    help: 'decisions by what was done',
    labelNames: ['action'],
    registers,
  })
  const opinions = new Counter({
    name: 'sluice_second_opinions_total',
    help: 'second opinions by detector: asked, of these unavailable, and skipped',
    labelNames: ['detector', 'outcome'],
    registers,
  })
  for (const [name, n] of Object.entries(stats)) {
    const [kind, detector = '', outcome = ''] = name.split('.')
    if (kind === 'opinions') opinions.inc({ detector, outcome }, n)
  }
  for (const [name, n] of Object.entries(stats))
    if (name.startsWith('decisions.')) decisions.inc({ action: name.slice('decisions.'.length) }, n)
  const { appeals, nowMs } = await ports.status()
  const gauge = (name: string, help: string, value: number) => new Gauge({ name, help, registers }).set(value)
  gauge('sluice_appeals_open', 'appeals that wait for an answer', appeals.open)
  gauge('sluice_appeals_overdue', 'of these, past their clock', appeals.overdue)
  const age = appeals.oldestFiledAtMs === null ? 0 : (nowMs - appeals.oldestFiledAtMs) / 1000
  gauge('sluice_appeals_oldest_seconds', 'age of the oldest of them; 0: none waits', age)
  feedMetrics(ports.partners.reads(), nowMs, registers)
  const [registry] = registers
  return { text: await registry!.metrics(), type: registry!.contentType }
}

/** Partners' feeds as the timer last read them. */
function feedMetrics(reads: readonly FeedRead[], nowMs: number, registers: Registry[]): void {
  const labelNames = ['partner', 'level']
  const gauge = (name: string, help: string, more: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames, ...more], registers })
  const fresh = gauge('sluice_feed_fresh', '1: a quorum of witnesses saw the feed lately; nothing may rest on another')
  const age = gauge('sluice_feed_read_age_seconds', 'since the feed was last read well')
  const failing = gauge('sluice_feed_failing', '1: the last read did not go well, and how', ['outcome'])
  const help = 'reads of the feed that did not go well'
  const failures = new Counter({ name: 'sluice_feed_read_failures_total', help, labelNames, registers })
  for (const { partner, level, kind, goodAtMs, ...read } of reads) {
    const labels = { partner, level: level ?? '*' }
    if (level !== null) fresh.set(labels, read.fresh ? 1 : 0)
    failures.inc(labels, read.failures)
    if (goodAtMs !== null) age.set(labels, (nowMs - goodAtMs) / 1000)
    if (kind !== 'synced' && kind !== 'unchanged') failing.set({ ...labels, outcome: kind }, 1)
  }
}
