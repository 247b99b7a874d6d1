/**
 * Letters of Cyrillic, Greek and Armenian that show as a Latin one, each string pair in step. Our own short list of the
 * best-known pairs, in the spirit of the skeletons of UTS #39: only what a reader would take for the Latin letter.
 */
const PAIRS: readonly (readonly [foreign: string, latin: string])[] = [
  ['аеорсухіјѕһԁԛԝӏԍѵҽктмнв', 'aeopcyxijshdqwlgvektmhb'],
  ['АВЕКМНОРСТУХІЈЅԚԜҮ', 'ABEKMHOPCTYXIJSQWY'],
  ['οανικρυτχηεγωϲϳ', 'oavikputxneywcj'],
  ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ', 'ABEZHIKMNOPTYXC'],
  ['օսոհց', 'ounhg'],
]

const LOOK_ALIKES: ReadonlyMap<number, number> = new Map(
  PAIRS.flatMap(([foreign, latin]) =>
    [...foreign].map((letter, i) => [letter.codePointAt(0)!, latin.charCodeAt(i)] as const),
  ),
)

/** The Latin letter that this one is taken for, or null. */
export function latinTwin(codePoint: number): number | null {
  return LOOK_ALIKES.get(codePoint) ?? null
}

/** Greek stands alone in formulas: one such letter in a word says less than a Cyrillic one. */
export function isGreek(codePoint: number): boolean {
  return codePoint >= 0x370 && codePoint <= 0x3ff
}
