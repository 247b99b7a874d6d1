/** 32 well-mixed bits of a text (FNV-1a over UTF-16 units, finished as MurmurHash3 does): the same on every platform. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

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
