/**
 * Text that every match of an RE2 pattern holds, the longest that is easily seen; empty where none is. Only plain
 * characters outside of groups, classes and escapes are taken, and only where nothing after them makes them optional: a
 * text without it cannot match, whatever else the pattern says.
 */
export function requiredLiteral(pattern: string): string {
  // An alternative or a flag changes what the characters mean: then no one of them is required.
  if (/\||\(\?/.test(pattern)) return ''
  let longest = ''
  let run = ''
  let depth = 0
  const end = () => {
    if (run.length > longest.length) longest = run
    run = ''
  }
  for (let i = 0; i < pattern.length; i++) {
    const one = pattern[i]!
    if (one === '\\') {
      end()
      // `\Q…\E` and classes by name are read by nobody here.
      if (/[QEpPx]/.test(pattern[i + 1] ?? '')) return ''
      i++
    } else if (one === '[') {
      end()
      i = classEnd(pattern, i)
    } else if (one === '(') {
      end()
      depth++
    } else if (one === ')') {
      end()
      depth--
    } else if (one === '*' || one === '?' || one === '{') {
      // What stands before may be missing.
      run = [...run].slice(0, -1).join('')
      end()
      if (one === '{') while (i < pattern.length && pattern[i] !== '}') i++
    } else if (/[.+^$]/.test(one)) end()
    else if (depth === 0) run += one
  }
  end()
  return longest
}

/** Index of the bracket that ends a class; in it a first `]` stands for itself. */
function classEnd(pattern: string, start: number): number {
  let i = start + 1
  if (pattern[i] === '^') i++
  if (pattern[i] === ']') i++
  for (; i < pattern.length && pattern[i] !== ']'; i++) {
    if (pattern[i] === '\\') i++
    else if (pattern.startsWith('[:', i)) i = Math.max(i, pattern.indexOf(':]', i) + 1)
  }
  return i
}
