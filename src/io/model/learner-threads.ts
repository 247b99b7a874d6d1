import { Worker } from 'node:worker_threads'
import type { Lesson } from '../../core/classifier/lesson.ts'
import type { Network } from '../../core/classifier/network.ts'
import type { FeatureSet, TrainedColumn } from '../../core/classifier/train-step.ts'
import type { Learner, OpenLearner } from '../../jobs/training-ports.ts'

/** From a thread that was given a lesson: how far it is, and what came out. */
export type LessonReply = { readonly share: number } | { readonly learned: TrainedColumn | Network }

interface Waiting {
  readonly lesson: Lesson
  readonly progress: (share: number) => void
  readonly resolve: (learned: unknown) => void
  readonly reject: (error: Error) => void
}

/**
 * Learners in threads of their own, which share the texts. Lessons begin in the order in which they are asked for.
 * @param threads At least 1. A thread that ends before its lesson does fails that lesson, and all that wait.
 */
export function openLearnerThreads(threads: number): { readonly open: OpenLearner; close(): Promise<void> } {
  const all: Worker[] = []
  const open: OpenLearner = (set) => {
    const shared = inShared(set)
    const queue: Waiting[] = []
    const idle: Worker[] = []
    const running = new Map<Worker, Waiting>()
    let failed: Error | null = null
    const next = () => {
      while (queue.length > 0 && idle.length > 0) {
        const [waiting, worker] = [queue.shift()!, idle.shift()!]
        running.set(worker, waiting)
        worker.postMessage(waiting.lesson)
      }
    }
    const fail = (error: Error) => {
      failed ??= error
      for (const { reject } of [...running.values(), ...queue.splice(0)]) reject(failed)
      running.clear()
    }
    for (let i = 0; i < threads; i++) {
      const worker = new Worker(new URL('./learner-thread.ts', import.meta.url), { workerData: shared })
      worker.on('message', (reply: LessonReply) => {
        const waiting = running.get(worker)
        if (waiting === undefined) return
        if ('share' in reply) return waiting.progress(reply.share)
        running.delete(worker)
        idle.push(worker)
        waiting.resolve(reply.learned)
        next()
      })
      worker.on('error', (error) => fail(error as Error))
      worker.on('exit', () => fail(new Error('a thread that learns has ended')))
      all.push(worker)
      idle.push(worker)
    }
    const ask = <T>(lesson: Lesson, progress: (share: number) => void) =>
      new Promise<T>((resolve, reject) => {
        if (failed !== null) return reject(failed)
        queue.push({ lesson, progress, resolve: resolve as (learned: unknown) => void, reject })
        next()
      })
    const learner: Learner = { column: ask, network: ask }
    return learner
  }
  return {
    open,
    async close() {
      for (const worker of all.splice(0)) {
        worker.removeAllListeners('exit')
        await worker.terminate()
      }
    },
  }
}

function inShared({ ids, offsets, count }: FeatureSet): FeatureSet {
  const own = new Int32Array(new SharedArrayBuffer(ids.byteLength))
  own.set(ids)
  const from = new Float64Array(new SharedArrayBuffer(offsets.byteLength))
  from.set(offsets)
  return { ids: own, offsets: from, count }
}
