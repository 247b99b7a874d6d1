import { randomFillSync } from 'node:crypto'

/** Random bytes from a pool refilled at once: a call per request costs microseconds that add up. */
export function pooledRandom(): (bytes: number) => Uint8Array {
  const pool = new Uint8Array(8192)
  let at = pool.length
  return (bytes) => {
    if (at + bytes > pool.length) {
      randomFillSync(pool)
      at = 0
    }
    // A copy: the pool is overwritten while a receipt may still hold its bytes.
    return pool.slice(at, (at += bytes))
  }
}
