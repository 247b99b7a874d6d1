import type { Worker } from 'node:worker_threads'
import type { Opinion } from '../../gateway/ports.ts'
import { Breaker, type BreakerSettings } from '../upstream/breaker.ts'
import type { Reply } from './answer-in-turn.ts'
import { isTimeout, unavailable } from './detector-calls.ts'

export interface ThreadSettings {
  /** Resolves when the thread is ready for questions; it answers them as `answerInTurn` does. */
  start(): Promise<Worker>
  readonly breaker: BreakerSettings
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

/**
 * Questions to a model in a thread of its own, which is started by the first of them. A question is outstanding until the
 * thread replies, also where nobody waits for it any more: it is told so, and passes it over.
 */
export function openThreadCalls({ start, breaker: settings }: ThreadSettings): ThreadCalls {
  const outstanding = new Map<number, (scores: Reply['scores']) => void>()
  const breaker = new Breaker(settings, () => performance.now())
  let thread: Promise<Worker> | null = null
  let closed = false
  let n = 0

  const settle = (id: number, scores: Reply['scores']) => {
    const settled = outstanding.get(id)
    outstanding.delete(id)
    settled?.(scores)
  }
  const open = async (): Promise<Worker> => {
    try {
      const worker = await start()
      worker.on('message', ({ id, scores }: Reply) => settle(id, scores))
      worker.on('exit', () => {
        thread = null
        for (const id of [...outstanding.keys()]) settle(id, null)
      })
      return worker
    } catch (error) {
      thread = null
      throw error
    }
  }
  const question = (text: string, read: Parameters<ThreadCalls['ask']>[1], signal: AbortSignal): Promise<Opinion> =>
    new Promise((resolve, reject) => {
      const id = n++
      outstanding.set(id, (scores) =>
        resolve(scores === null ? unavailable('failed') : (read(scores) ?? unavailable('invalid'))),
      )
      const running = (thread ??= open())
      running.then(
        (worker) => worker.postMessage({ id, text }),
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

  return {
    get state() {
      return breaker.state
    },
    async ask(text, read, signal) {
      if (closed) return unavailable('failed')
      if (signal.aborted || outstanding.size >= MOST_OUTSTANDING) return unavailable('timeout')
      if (!breaker.admits()) return unavailable('breaker_open')
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
      await (await thread?.catch(() => null))?.terminate()
    },
  }
}
