import { Worker } from 'node:worker_threads'

/** The control side's thread: it loads what it needs, and waits to be told what to serve. Until then it holds nobody up. */
export function spawnControl(): Worker {
  const thread = new Worker(new URL('./control-thread.ts', import.meta.url))
  thread.unref()
  return thread
}
