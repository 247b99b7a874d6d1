import type { Ports } from './ports.ts'
import { type ScoreCache, SLICE_CHARS } from './scored-texts.ts'

/** Scores of one request for whose verdict somebody waits only so long. */
export interface ScoresInTime extends ScoreCache {
  /** Whether a text was not scored for want of time. */
  readonly missed: boolean
  /** Lets others be served. Throws once the time for reading ahead is over. */
  pause(): Promise<void>
}

/**
 * Half of the time is for reading long texts ahead; the other is for what has to read all of them in one go, such as
 * rules. A text for which there is no time is not scored: asking for its scores throws, which the inspection makes a
 * finding of. What is short is scored even late, one slice in all: it takes a millisecond.
 */
export function scoresInTime(scores: ScoreCache, withinMs: number, clock: Ports['clock']): ScoresInTime {
  const fromMs = clock.monotonicMs()
  const isOver = (share: number) => clock.monotonicMs() - fromMs > withinMs * share
  const pause = async () => {
    await clock.pause()
    if (isOver(0.5)) throw new Error('the time for reading ahead is over')
  }
  const ahead = new Map<string, 'read' | 'missed'>()
  let lateChars = 0
  let missed = false
  const assertInTime = (text: string) => {
    const known = ahead.get(text)
    if (known === 'read') return
    if (known === undefined && (!isOver(1) || (lateChars += text.length) <= SLICE_CHARS)) return
    missed = true
    throw new Error('there is no time for this text')
  }
  return {
    stats: scores.stats,
    pause,
    get missed() {
      return missed
    },
    of(org) {
      const texts = scores.of(org)
      return {
        async ahead(stage, text, context) {
          ahead.set(text, 'missed')
          await texts.ahead(stage, text, context, pause)
          ahead.set(text, 'read')
        },
        score(stage, text, context) {
          assertInTime(text)
          return texts.score(stage, text, context)
        },
        scoreOnce(stage, text, context) {
          assertInTime(text)
          return texts.scoreOnce(stage, text, context)
        },
      }
    },
  }
}
