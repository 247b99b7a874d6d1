/** Far more than can be minted within the life of one. */
const MOST_REMEMBERED = 100_000

/** Tells the first time that an id comes from every later one; memory is bounded, the oldest is forgotten first. */
export function createFirstTime(most = MOST_REMEMBERED): (id: string) => boolean {
  const seen = new Set<string>()
  return (id) => {
    if (seen.has(id)) return false
    seen.add(id)
    if (seen.size > most) seen.delete(seen.values().next().value!)
    return true
  }
}
