import { hash32 } from '../../core/base/hash32.ts'

/** A number in [0, 1) that hangs on the key alone. */
export function share(key: string): number {
  return hash32(key) / 2 ** 32
}

/**
 * The `i`-th draw from a list: every run of `list.length` draws takes each value once, in an order of its own, so that
 * values are used evenly and lists of one length do not march in step.
 */
export function drawAt(list: readonly string[], i: number, key: string): string {
  const round = Math.floor(i / list.length)
  const order = list.map((value, at) => ({ value, rank: hash32(`${key} ${round} ${at}`) }))
  order.sort((a, b) => a.rank - b.rank)
  return order[i % list.length]!.value
}
