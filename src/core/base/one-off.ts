/** The first of the names that is one letter off: one more, one less, another, or two neighbours swapped; else null. */
export function oneOff(written: string, names: readonly string[]): string | null {
  return names.find((name) => isOneOff(written, name)) ?? null
}

function isOneOff(a: string, b: string): boolean {
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  const [rest, other] = [a.slice(i), b.slice(i)]
  return (
    rest.slice(1) === other ||
    rest === other.slice(1) ||
    rest.slice(1) === other.slice(1) ||
    (rest.length > 1 && rest[0] === other[1] && rest[1] === other[0] && rest.slice(2) === other.slice(2))
  )
}
