/**
 * 32 well-mixed bits of a text: FNV-1a over UTF-16 units, finished as MurmurHash3 is. The same on every platform and for
 * ever: halves of sets, drawn rows and arms of a canary hang on it. No secret does.
 *
 * @param seed Where it starts; another one gives bits that have nothing to do with these.
 */
export function hash32(text: string, seed = 0x811c9dc5): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
