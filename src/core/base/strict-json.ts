/** Deeper nesting is refused: nothing that is signed or logged is near it. */
const MOST_LEVELS = 64

/**
 * The value of a JSON text that means the same to every reader, or undefined: a key twice in one object, half a
 * surrogate pair, a byte-order mark, deeper than 64 levels, or no JSON. Linear.
 */
export function strictJson(text: string): unknown {
  if (!text.isWellFormed() || text.charCodeAt(0) === 0xfeff) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return keysAreUnique(text) && textsAreWellFormed(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** @param text JSON that the platform's parser has accepted. */
function keysAreUnique(text: string): boolean {
  const open: (Set<string> | null)[] = []
  let isKey = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '"') {
      const end = endOfString(text, i)
      const keys = open.at(-1)
      if (isKey && keys != null) {
        // Two spellings of one key are one key.
        const key = JSON.parse(text.slice(i, end + 1)) as string
        if (keys.has(key)) return false
        keys.add(key)
        isKey = false
      }
      i = end
    } else if (character === '{' || character === '[') {
      if (open.length >= MOST_LEVELS) return false
      open.push(character === '{' ? new Set() : null)
      isKey = character === '{'
    } else if (character === '}' || character === ']') open.pop()
    else if (character === ',') isKey = open.at(-1) != null
  }
  return true
}

function endOfString(text: string, start: number): number {
  let i = start + 1
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i
}

/** An escape can write half a pair where the text itself holds none. */
function textsAreWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && textsAreWellFormed(member))
}
