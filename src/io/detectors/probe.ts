import { createHmac, timingSafeEqual } from 'node:crypto'
import { PROBE_HEADER, parseProbe } from '../../core/protocols/probe.ts'
import type { DetectorConfig } from '../config/detectors.ts'
import { type Detector, known } from './detector.ts'
import { unavailable } from './detector-calls.ts'

/**
 * Scores of activation probes that a self-hosted model server sends with its answer: in a trailer where they cover the
 * whole of it, else in a header. Without a signature for this very request they are worth nothing.
 */
export function probe(config: Extract<DetectorConfig, { kind: 'probe' }>, secret: string): Detector {
  return {
    ...known(config, { tier: 'probe', costUs: 0, budgetMs: 500 }),
    // What it does not report is not cleared: it only ever agrees.
    covers: [],
    state: () => 'closed',
    close: async () => undefined,
    async ask({ beside, requestId }) {
      if (beside === null) return unavailable('unsigned')
      const early = beside.headers[PROBE_HEADER]
      const value = promised(beside.headers.trailer) ? (await beside.trailers())[PROBE_HEADER] : early
      const report = parseProbe(value, requestId)
      if (report === null) return unavailable('unsigned')
      const mac = createHmac('sha256', secret).update(report.signed).digest()
      const given = Buffer.from(report.mac, 'base64url')
      if (given.length !== mac.length || !timingSafeEqual(given, mac)) return unavailable('unsigned')
      return { kind: 'scored', ppm: report.ppm }
    },
  }
}

function promised(trailer: unknown): boolean {
  return String(trailer ?? '')
    .toLowerCase()
    .split(',')
    .some((name) => name.trim() === PROBE_HEADER)
}
