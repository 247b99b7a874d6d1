/**
 * Which half of a set a row belongs to, by its id alone: one half chooses a threshold, the other is measured at it.
 * Adding rows moves none.
 */
export function halfOf(id: string): 'calibration' | 'test' {
  return hash32(`half ${id}`) & 1 ? 'calibration' : 'test'
}

/** 32 well-mixed bits of a text: FNV-1a over UTF-16 units, finished as MurmurHash3 is. The same on every platform. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
