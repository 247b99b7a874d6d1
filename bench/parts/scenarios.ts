import { piecesOf, type Shape, type Stream, wires } from './shapes.ts'

export type CandidateName = 'direct' | 'parsing proxy' | 'sluice on' | 'sluice off' | 'peer'

export interface Scenario {
  readonly name: string
  readonly title: string
  /** Characters of the prompt; the rest of the request is about a hundred bytes. */
  readonly promptChars: number
  readonly stream: Stream | null
  readonly connections: number
  readonly pauseMs: number
  /** Share of `--requests` that it makes, over all rounds. */
  readonly share: number
  readonly candidates: readonly CandidateName[]
}

const ALL = ['direct', 'parsing proxy', 'sluice off', 'sluice on', 'peer'] as const

export const SCENARIOS: readonly Scenario[] = [
  {
    ...{ name: 'whole', title: 'whole answers', promptChars: 1790, stream: null },
    ...{ connections: 16, pauseMs: 0, share: 1, candidates: ALL },
  },
  {
    ...{ name: 'stream', title: 'streams of 40 deltas, as fast as they go', promptChars: 1790 },
    ...{ stream: { deltas: 40, paced: false }, connections: 16, pauseMs: 0, share: 1 / 6, candidates: ALL },
  },
  {
    ...{ name: 'chunks', title: 'streams of 300 deltas, one each 2 ms', promptChars: 1790 },
    ...{ stream: { deltas: 300, paced: true }, connections: 16, pauseMs: 0, share: 1 / 40 },
    candidates: ['parsing proxy', 'sluice off', 'sluice on'],
  },
  {
    ...{ name: 'first', title: 'first chunk: one stream at a time', promptChars: 1790 },
    ...{ stream: { deltas: 40, paced: false }, connections: 1, pauseMs: 1, share: 1 / 12, candidates: ALL },
  },
  {
    ...{
      name: 'moderate',
      title: '8 KB, moderate load: each connection pauses 6 ms between requests',
      promptChars: 8100,
    },
    ...{ stream: null, connections: 4, pauseMs: 6, share: 1 / 3, candidates: ALL },
  },
  {
    ...{ name: 'large', title: '100 KB', promptChars: 102_300, stream: null },
    ...{ connections: 16, pauseMs: 0, share: 1 / 6, candidates: ALL },
  },
]

/** Events of one stream of a scenario. */
export function chunksOf({ stream }: Scenario, shape: Shape): number | null {
  return stream === null ? null : wires[shape].events(piecesOf(stream.deltas)).length
}
