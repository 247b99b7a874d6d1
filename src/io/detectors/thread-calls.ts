import type { Worker } from 'node:worker_threads'
import type { Opinion } from '../../gateway/ports.ts'
import { Breaker, type BreakerSettings } from '../upstream/breaker.ts'
import type { Reply, Said } from './answer-in-turn.ts'
import { isTimeout, unavailable } from './detector-calls.ts'

export interface ThreadSettings {
  /**
   * Resolves when the thread is ready for questions; it answers them as `answerInTurn` does.
   * @param signal Aborted when it takes too long: the thread is to be ended then.
   */
  start(signal: AbortSignal): Promise<Worker>
  readonly breaker: BreakerSettings
  /** A thread that has a question and gives no sign of life for so long hangs, and is replaced. */
  readonly silentMs: number
  /** The same of one that is not ready yet. */
  readonly startMs: number
}

export interface ThreadCalls {
  /**
   * Rejects as `start` does.
   * @param read What the scores say; null where they are none.
   * @param signal Aborted with a `TimeoutError` when the detector's own budget is spent.
   */
  ask(
    text: string,
    read: (scores: Readonly<Record<string, number>>) => Opinion | null,
    signal: AbortSignal,
  ): Promise<Opinion>
  readonly state: Breaker['state']
  close(): Promise<void>
}

/** More questions than this are outstanding with one thread: the next would only come too late. */
export const MOST_OUTSTANDING = 32

/** One thread, from its start until it is ready, and what it was asked since. */
interface Line {
  readonly running: Promise<Worker>
  readonly outstanding: Map<number, (scores: Reply['scores']) => void>
  heardMs: number
  watched: boolean
}

/** The first thread that is lost is replaced at once; where more are lost in a row, each waits twice as long. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000

/**
 * Questions to a model in a thread of its own, which is started by the first of them, and by the next after it was lost: it
 * ended, or it hangs. A question is outstanding until the thread replies, also where nobody waits for it any more: it is
 * told so, and passes it over.
 */
export function openThreadCalls({ start, breaker: settings, silentMs, startMs }: ThreadSettings): ThreadCalls {
  const nowMs = () => performance.now()
  const breaker = new Breaker(settings, nowMs)
  let line: Line | null = null
  let closed = false
  let n = 0
  let lost = 0
  let startableMs = 0

  const settle = ({ outstanding }: Line, id: number, scores: Reply['scores']) => {
    const settled = outstanding.get(id)
    outstanding.delete(id)
    settled?.(scores)
  }
  const forget = (old: Line): boolean => {
    if (line !== old) return false
    line = null
    startableMs = nowMs() + (lost === 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (lost - 1)))
    lost++
    return true
  }
  /** Whoever waits has no opinion. Its end is not waited for: what hangs in a library may never end. */
  const lose = (old: Line) => {
    if (!forget(old)) return
    for (const id of [...old.outstanding.keys()]) settle(old, id, null)
    void old.running.then(
      (worker) => worker.terminate(),
      () => undefined,
    )
  }
  const watch = (asked: Line) => {
    const leftMs = asked.heardMs + silentMs - nowMs()
    asked.watched = line === asked && asked.outstanding.size > 0 && leftMs > 0
    if (asked.watched) setTimeout(watch, leftMs, asked).unref()
    else if (asked.outstanding.size > 0) lose(asked)
  }
  const open = (): Line => {
    const running = start(AbortSignal.timeout(startMs))
    const opened: Line = { running, outstanding: new Map(), heardMs: nowMs(), watched: false }
    running.then(
      (worker) => {
        worker.on('message', (said: Said) => {
          opened.heardMs = nowMs()
          if (!('scores' in said)) return
          if (said.scores !== null) lost = 0
          settle(opened, said.id, said.scores)
        })
        worker.on('exit', () => lose(opened))
      },
      () => forget(opened),
    )
    return opened
  }
  const question = (text: string, read: Parameters<ThreadCalls['ask']>[1], signal: AbortSignal): Promise<Opinion> =>
    new Promise((resolve, reject) => {
      const id = n++
      const asked = (line ??= open())
      const { outstanding, running } = asked
      outstanding.set(id, (scores) =>
        resolve(scores === null ? unavailable('failed') : (read(scores) ?? unavailable('invalid'))),
      )
      running.then(
        (worker) => {
          if (!outstanding.has(id)) return
          // A thread that was idle has been silent with good reason.
          if (outstanding.keys().next().value === id) asked.heardMs = nowMs()
          worker.postMessage({ id, text })
          if (!asked.watched) watch(asked)
        },
        (error) => {
          outstanding.delete(id)
          reject(error)
        },
      )
      const abandon = () => {
        if (!outstanding.has(id)) return
        resolve(unavailable('timeout'))
        running.then(
          (worker) => worker.postMessage({ cancel: id }),
          () => undefined,
        )
      }
      signal.addEventListener('abort', abandon, { once: true })
    })
  const waits = () => line === null && nowMs() < startableMs

  return {
    get state() {
      return waits() ? 'open' : breaker.state
    },
    async ask(text, read, signal) {
      if (closed) return unavailable('failed')
      if (signal.aborted || (line?.outstanding.size ?? 0) >= MOST_OUTSTANDING) return unavailable('timeout')
      if (waits() || !breaker.admits()) return unavailable('breaker_open')
      try {
        const opinion = await question(text, read, signal)
        if (opinion.kind === 'scored') breaker.succeeded()
        else if (signal.aborted && !isTimeout(signal)) breaker.withdrawn()
        else breaker.failed()
        return opinion
      } catch (error) {
        breaker.failed()
        throw error
      }
    },
    async close() {
      closed = true
      await (await line?.running.catch(() => null))?.terminate()
    },
  }
}
