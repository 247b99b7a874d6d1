import { parentPort, workerData } from 'node:worker_threads'
import { type Lesson, learnColumn, learnNetwork } from '../../core/classifier/lesson.ts'
import type { FeatureSet } from '../../core/classifier/train-step.ts'
import type { LessonReply } from './learner-threads.ts'

/** Learns what it is told to, a lesson at a time. */
const set = workerData as FeatureSet
const port = parentPort!

port.on('message', (lesson: Lesson) => {
  const progress = (share: number) => port.postMessage({ share } satisfies LessonReply)
  const learned = lesson.kind === 'column' ? learnColumn(set, lesson, progress) : learnNetwork(set, lesson, progress)
  port.postMessage({ learned } satisfies LessonReply)
})
