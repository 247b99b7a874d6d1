import type { MessagePort } from 'node:worker_threads'

/** One side's functions, called by name from the other thread. Values must survive structured clone. */
export type Handlers = Readonly<Record<string, (value: never) => unknown>>

interface Call {
  readonly call: string
  readonly id: number
  readonly value: unknown
}
interface Result {
  readonly result: number
  readonly value?: unknown
  readonly fault?: { readonly name: string; readonly message: string; readonly code?: string }
}

/**
 * Calls between two threads over one port: `ask` runs a handler of the other side and resolves to what it returns.
 * Faults keep their message and code. Nothing is queued beyond what the port itself holds.
 */
export function openCalls(
  port: MessagePort,
  handlers: Handlers,
): {
  ask<T>(call: string, value: unknown): Promise<T>
  /** The other side is gone: who waits for it is told, and so is who asks from now on. */
  abandon(fault: Error): void
} {
  let gone: Error | null = null
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (fault: Error) => void }>()
  let next = 0
  port.on('message', (message: Call | Result) => {
    if ('result' in message) {
      const one = waiting.get(message.result)
      waiting.delete(message.result)
      if (message.fault === undefined) one?.resolve(message.value)
      else one?.reject(Object.assign(new Error(message.fault.message), { code: message.fault.code }))
      return
    }
    if ('call' in message) void answer(message)
  })
  async function answer({ call, id, value }: Call): Promise<void> {
    try {
      const handler = handlers[call]
      if (handler === undefined) throw new Error(`no handler named ${call}`)
      port.postMessage({ result: id, value: await handler(value as never) } satisfies Result)
    } catch (error) {
      const { name, message, code } = error as Error & { code?: string }
      port.postMessage({
        result: id,
        fault: { name, message, ...(code === undefined ? {} : { code }) },
      } satisfies Result)
    }
  }
  return {
    abandon(fault) {
      gone = fault
      for (const { reject } of waiting.values()) reject(fault)
      waiting.clear()
    },
    ask<T>(call: string, value: unknown): Promise<T> {
      if (gone !== null) return Promise.reject(gone)
      const id = next++
      return new Promise<T>((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
        port.postMessage({ call, id, value } satisfies Call)
      })
    },
  }
}
