import type { Counters } from '../gateway/counters.ts'
import type { PooledUpstreams } from '../io/upstream/undici-upstreams.ts'

/** What one gateway counts, by the names that `/metrics` knows. */
export function statsOf(
  counters: Counters,
  cache: { characters: number; hits: number; misses: number; bytes: number },
  pools: PooledUpstreams,
  spool: { readonly fill: number; readonly droppedContents: number } | null,
): Record<string, number> {
  return {
    classified_characters: cache.characters,
    score_cache_hits: cache.hits,
    score_cache_misses: cache.misses,
    score_cache_bytes: cache.bytes,
    degraded: counters.degraded,
    shed: counters.shed,
    probing: counters.probing,
    asked_again: counters.askedAgain,
    rules_disabled: counters.rulesDisabled,
    in_flight: counters.inFlight,
    breakers_open: pools.ill().length,
    escalated: counters.escalated,
    spool_fill: spool?.fill ?? 0,
    contents_dropped: spool?.droppedContents ?? 0,
    ...Object.fromEntries(
      [...counters.opinions].flatMap(([id, counts]) =>
        Object.entries(counts).map(([outcome, n]) => [`opinions.${id}.${outcome}`, n]),
      ),
    ),
    ...Object.fromEntries(Object.entries(counters.decisions).map(([action, n]) => [`decisions.${action}`, n])),
  }
}
