const SUBJECTS = [
  'parser',
  'queue',
  'cache',
  'ledger',
  'index',
  'session store',
  'printer',
  'calendar',
  'importer',
  'map',
]
const FAULTS = [
  'drops the last row',
  'rounds the wrong way',
  'reads past the end',
  'starts too late',
  'sorts by name only',
]
const WISHES = [
  'add a regression test',
  'explain the change',
  'rename the field',
  'keep the old format',
  'measure it twice',
]
const TYPES = ['uint8_t', 'int32_t', 'size_t', 'double', 'char']

/**
 * Ordinary work as a prompt: prose and code about it, about `characters` long, ASCII, the same for the same seed.
 * No two sentences need be equal, so that no table of the classifier's is warmer than with real text.
 */
export function prompt(characters: number, seed: number): string {
  let state = seed * 2_654_435_761 + 1
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const pick = (words: readonly string[]) => words[next(words.length)]!
  const sentence = () =>
    `Since build ${next(9000)} the ${pick(SUBJECTS)} ${pick(FAULTS)} when the ${pick(SUBJECTS)} holds ${next(900)} entries; ` +
    `please fix it, ${pick(WISHES)} and ${pick(WISHES)}. `
  const line = () => {
    const name = `n${next(5000)}`
    return `${pick(TYPES)} ${name} = load_${next(700)}(p, ${next(64)}); if (${name} > limit_${next(90)}) return -${next(9)};\n`
  }
  let text = ''
  while (text.length < characters) text += sentence() + sentence() + line() + line() + line()
  return text.slice(0, characters)
}
