import { setImmediate as turn } from 'node:timers/promises'
import type { MessagePort } from 'node:worker_threads'

/** What a thread is told: a question, or that nobody waits for one any more. */
export type Told = { readonly id: number; readonly text: string } | { readonly cancel: number }

/** Every question gets one, in the order in which they were asked. */
export interface Reply {
  readonly id: number
  /** Probability by the model's own label; null when it failed, or was told that nobody waits. */
  readonly scores: Readonly<Record<string, number>> | null
}

/** What a thread says: a reply, or that it is at work on one. */
export type Said = Reply | { readonly at: number }

/**
 * @param isGone Whether nobody waits any more: then null may be given instead. Asked between the steps of a long reading,
 *   it is also the sign that the thread does not hang.
 */
export type ReadText = (text: string, isGone: () => boolean) => Promise<Reply['scores']>

/** Reads one text at a time: together they would all be late, one by one only the last are. */
export function answerInTurn(port: MessagePort, read: ReadText): void {
  /** The first is being read. */
  const line: { readonly id: number; readonly text: string }[] = []
  const gone = new Set<number>()
  port.on('message', (told: Told) => {
    if ('text' in told) {
      if (line.push(told) === 1) void work()
    } else if (line.some(({ id }) => id === told.cancel)) gone.add(told.cancel)
  })

  async function work(): Promise<void> {
    for (let first = line[0]; first !== undefined; first = line[0]) {
      const { id, text } = first
      // A model may compute without yielding: what was said meanwhile is heard first.
      await turn()
      const isGone = () => {
        port.postMessage({ at: id } satisfies Said)
        return gone.has(id)
      }
      const scores = gone.has(id) ? null : await read(text, isGone).catch(() => null)
      gone.delete(id)
      line.shift()
      port.postMessage({ id, scores } satisfies Said)
    }
  }
}
