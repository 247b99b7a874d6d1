import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EVASIONS, type Evasion, evade } from '../evasions.ts'
import { xorshift } from '../train-step.ts'
import type { Layer, Mark } from './layer.ts'
import { Normaliser, normalise } from './normaliser.ts'
import { rawSpan } from './spanned.ts'

const SENTENCE = 'Please tell me how to water the tulips, and ignore all the weeds in my garden.'
const JAPANESE = 'ガラスのビンをポケットに入れる方法を教えてください。'
/** A page that hides nothing, longer than a passage. */
const PAGE = 'Nobody could say who had planted the roses behind the library, or when. '.repeat(60)

/** What each trick is expected to be found as; null where folding alone undoes it. */
const FOUND_AS: Readonly<Record<Evasion, string | null>> = {
  'zero-width': null,
  'full-width': null,
  homoglyph: 'look-alikes',
  leet: 'leet',
  spacing: 'spacing',
  dots: 'spacing',
  tags: 'tags',
  base64: 'base64',
  base32: 'base32',
  hex: 'hex',
  url: 'url',
  html: 'html',
  'unicode-escape': 'unicode-escape',
  rot13: 'rot13',
  reversed: 'mirrored',
  'reversed-words': 'mirrored-words',
  'half-width-kana': 'kana',
  hiragana: null,
  katakana: null,
  lines: 'spacing',
}

/** Raw code points that hold letters `from` to `to` of a text that was packed, `bits` to a character. */
const packed = (bits: number) => (from: number, to: number) => [
  Math.floor((from * 8) / bits),
  Math.ceil((to * 8) / bits),
]
const PACKED: Partial<Record<Evasion, (from: number, to: number) => number[]>> = {
  base64: packed(6),
  base32: packed(5),
  hex: packed(4),
}

const sliceOf = (text: string, from: number, to: number) => [...text].slice(from, to).join('')

for (const evasion of EVASIONS.filter((one) => FOUND_AS[one] !== null))
  for (const [where, before] of [
    ['alone', ''],
    ['after a page', `${PAGE}\n`],
  ])
    test(`CL-5: normalise: a word under ${evasion}, ${where}, is read, and points at exactly its own raw text`, () => {
      const [sentence, word] = evasion === 'half-width-kana' ? [JAPANESE, 'ポケット'] : [SENTENCE, 'tulips']
      const raw = before + evade(evasion, sentence)
      const layer = normalise(raw).layers.find(
        ({ tricks, text }) => tricks[0] === FOUND_AS[evasion] && text.includes(word!),
      )
      expect(layer).toBeDefined()
      const at = [...layer!.text.slice(0, layer!.text.indexOf(word!))].length
      const { start, end } = rawSpan(layer!, at, at + word!.length)
      const offset = [...before!].length
      const place = sentence!.indexOf(word!)
      const span = PACKED[evasion]?.(place, place + word!.length)
      if (span === undefined) expect(sliceOf(raw, start, end)).toBe(evade(evasion, word!))
      else expect([start - offset, end - offset]).toEqual(span)
    })

const SEPARATORS: readonly string[] = [
  ...['\n', '\r\n', '\r', '\n\n', '\r\n\r\n', '\n  ', '  ', '\t', '\u00a0', '\u3000', '\u2028', '・'],
]
for (const separator of SEPARATORS)
  test(`CL-5: normalise: letters apart by ${JSON.stringify(separator)} are words again, in any script`, () => {
    for (const [sentence, word] of [
      [SENTENCE, 'tulips'],
      [JAPANESE, 'ポケット'],
    ] as const) {
      const raw = [...sentence].join(separator)
      const layer = normalise(raw).layers.find(({ text }) => text.includes(word))
      expect(layer).toMatchObject({ tricks: ['spacing'] })
      const at = [...layer!.text.slice(0, layer!.text.indexOf(word))].length
      const { start, end } = rawSpan(layer!, at, at + word.length)
      expect(sliceOf(raw, start, end)).toBe([...word].join(separator))
    }
  })

test('CL-5: normalise: a choice of answers, and a table of single letters, are left as they are', () => {
  for (const text of [
    'How many levels are there?\nA. 2\nB. 4\nC. 8\nD. 16',
    'What is the rank of the matrix?\r\nA. 0\r\nB. 1\r\nC. 2\r\nD. 3',
    'Its dimensions are\nA. T x k\nB. T x 1\nC. k x 1',
    '>>> df\n   A  B\n0  2  3\n1  4  5\n',
  ])
    expect([text, normalise(text).layers]).toEqual([text, []])
})

test('CL-6: normalise: width and kana are undone code point by code point, with exact spans', () => {
  for (const evasion of ['zero-width', 'full-width', 'katakana', 'hiragana'] as const) {
    const raw = `図書館で${evade(evasion, 'ポケット')}を買う`
    const { folded } = normalise(raw)
    const at = [...folded.text.slice(0, folded.text.indexOf('ぽけっと'))].length
    const { start, end } = rawSpan(folded, at, at + 4)
    expect(sliceOf(raw, start, end)).toBe(evade(evasion, 'ポケット'))
  }
})

test('normalise: tricks within tricks are followed, outermost first', () => {
  const [layer] = normalise(evade('base64', evade('hex', SENTENCE))).layers.filter(({ tricks }) => tricks.length === 2)
  expect(layer).toMatchObject({ tricks: ['base64', 'hex'], text: SENTENCE })
})

const piece = fc.oneof(
  ...EVASIONS.map((evasion) => fc.constant(`${evade(evasion, SENTENCE)} `)),
  fc.constantFrom(PAGE, JAPANESE, 'x'.repeat(5000), evade('base64', PAGE), evade('spacing', PAGE), '😀'.repeat(1500)),
  fc.constantFrom('\ud83d', '\udc00', '\u200b', '\u{e0041}', 'ﾊﾞ', '\n', 'alpha bravo charlie delta echo '),
  fc.string({ unit: 'binary', maxLength: 60 }),
)
const anyText = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))

function inPieces(pieces: readonly string[], ask: boolean): { layers: Layer[]; marks: Mark[] } {
  const found = { layers: [] as Layer[], marks: [] as Mark[] }
  const sink = { layer: (one: Layer) => void found.layers.push(one), mark: (one: Mark) => void found.marks.push(one) }
  const normaliser = new Normaliser()
  for (const one of pieces) {
    normaliser.feed(one, sink)
    if (ask) normaliser.end({ layer: () => undefined, mark: () => undefined })
  }
  normaliser.end(sink)
  return found
}

test('CL-10: normalise: what is found does not depend on the pieces, nor on having been asked in between', () => {
  fc.assert(
    fc.property(anyText, fc.array(fc.nat({ max: 20_000 }), { maxLength: 8 }), (text, cuts) => {
      const at = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length]
      const pieces = at.slice(1).map((to, i) => text.slice(at[i], to))
      const { layers, marks } = normalise(text)
      expect(inPieces(pieces, true)).toEqual({ layers, marks })
    }),
    { numRuns: 150 },
  )
})

test('CL-10: normalise: the same holds one code unit at a time', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { layers, marks } = normalise(text)
      expect(inPieces(text.slice(0, 9000).split(''), false)).toEqual(
        text.length <= 9000 ? { layers, marks } : inPieces([text.slice(0, 9000)], false),
      )
    }),
    { numRuns: 30 },
  )
})

test('CL-14: normalise: what is read is bounded, in depth, number and size, whatever is nested', () => {
  const nested = EVASIONS.reduce((text, evasion) => evade(evasion, text).slice(0, 40_000), SENTENCE)
  const matryoshka = Array.from({ length: 8 }).reduce<string>((text) => evade('base64', text), SENTENCE)
  const many = Array.from({ length: 600 }, (_, i) => evade('base64', `tulip number ${i}`)).join(', ')
  const explosive = '\ufdfa'.repeat(5000) + evade('spacing', '\ufdfa'.repeat(2000))
  for (const text of [nested, matryoshka, many, explosive, matryoshka.slice(3), many.slice(0, -50)]) {
    const { layers } = normalise(text)
    expect(layers.length).toBeLessThanOrEqual(256)
    expect(layers.reduce((sum, layer) => sum + [...layer.text].length, 0)).toBeLessThanOrEqual(4 * [...text].length)
  }
  expect(normalise(matryoshka).layers.map(({ tricks }) => tricks.length)).toEqual([1, 2, 3])
  expect(normalise(many).marks.map(({ kind }) => kind)).toContain('bound')
})

test('CL-14: normalise: never throws; spans lie in the text, and there is one for each code point', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const points = [...text].length
      for (const { text: said, starts, ends } of normalise(text).layers) {
        expect([...said].length).toBe(starts.length)
        for (let i = 0; i < starts.length; i++) {
          if (starts[i]! < 0 || starts[i]! >= ends[i]! || ends[i]! > points) throw new Error(`bad span at ${i}`)
        }
      }
    }),
    { numRuns: 100 },
  )
})

test('CL-14: normalise: spans hold in readings that run backwards, and for halves of surrogate pairs', () => {
  const apart = [...'Nobody could say who had planted the roses. '.repeat(30)].join(' ')
  const halves = '\udc00\ud83desaelP llet em woh ot retaw eht spilut, dna erongi lla eht sdeew ni ym nedrag. '
  for (const text of [
    `${evade('html', SENTENCE)} ${apart}`,
    evade('reversed', `${evade('html', SENTENCE)} ${apart}`),
    halves,
  ]) {
    const points = [...text].length
    for (const { text: said, starts, ends } of normalise(text).layers) {
      expect([...said].length).toBe(starts.length)
      expect(starts.every((start, i) => start >= 0 && start < ends[i]! && ends[i]! <= points)).toBe(true)
    }
  }
})

test('CL-14: normalise: high entropy that nobody can decode is marked, a digest in hex is not', () => {
  const random = xorshift(5)
  const noise = Array.from(
    { length: 120 },
    () => 'zQ7bX1mK9vR4tY2wH8cN5pL3sD6fG0jAUuIiOoBEeMnTZkx'[random() % 47],
  ).join('')
  expect(normalise(`key: ${noise}`).marks).toEqual([{ kind: 'noise', start: 5, end: 125 }])
  expect(normalise(`sha256:${'9f86d081884c7d659a2feaa0c55ad015'.repeat(2)}`)).toMatchObject({ layers: [], marks: [] })
})

test('CL-5: normalise: tag characters are marked, those of a flag are not; hidden bytes are read', () => {
  expect(normalise(`Hello${evade('tags', 'ignore')}`).marks).toMatchObject([{ kind: 'tags' }])
  expect(normalise('🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} England')).toMatchObject({
    layers: [],
    marks: [],
  })
  const hidden = [...SENTENCE].map((c) => String.fromCodePoint(0xe0100 + c.charCodeAt(0) - 16)).join('')
  expect(normalise(`Hello${hidden}`).layers[0]).toMatchObject({ tricks: ['selectors'], text: SENTENCE })
  expect(normalise(`Hello${'\u200b\u200c'.repeat(8)}`).marks).toMatchObject([{ kind: 'hidden' }])
})

const CODE = `export function encodeBase64Url(bytes: Uint8Array, md5sum = 0x3f2a): string {
  for (let i = 0; i < bytes.length; i += 3) { out += a[i] + b[i + 1]; x1 = y1 * 2; log4j.warn("%d of %s\\n", i, n) }
  return createHash('sha256').update(utf8mb4).digest('hex').slice(0, 16) // see i18n, l10n, a11y; e.g. v1beta1
}
#define MAX_CONNECTIONS_PER_WORKER 4096
color: #3f2a9c; .grid > .item:nth-child(2n + 1) { margin: -1px 0 } git show 15a5088 && curl 127.0.0.1:8080/api/v1
uuid 123e4567-e89b-12d3-a456-426614174000; const [w3c, h264, x509, p2p] = require("../core/normalise/code-points")
`
const PROSE = `図書館の裏にある庭は、長いあいだ手入れをされていなかった。委員会は火曜日に集まり、だれがバラを植えたのかを調べた。
ＡＢＣ株式会社の第３四半期は、前年比１２％増（コンピューター事業を除く）。お問い合わせは０３−１２３４−５６７８まで。
「らーめん」と「ラーメン」は同じですか？ Ｔシャツ、Ｃ＋＋、Wi-Fi、iPhone。教えてくださいと言われたら、教えます。
`
const MATHEMATICS = `Let f(x) = a x^2 + b x + c with a, b, c ∈ ℝ and Δ = b² − 4ac. Then x₁,₂ = (−b ± √Δ)/(2a), cos α + sin β ≤ 2.
∑_{i=1}^{n} i = n(n+1)/2; λx.μ y.σ(x, y); Δt → 0; ε > 0, δ = δ(ε); αβγ; |a ∩ b| + |a ∪ b| = |a| + |b|; H₂SO₄; k = 1.38e-23.
The matrix [[1, 0, 0], [0, 1, 0], [0, 0, 1]] has rank 3; 12 34 56 78 90 11 22 33 44 55 are numbers. sin2x = 2 sinx cosx.
`

for (const [name, text] of Object.entries({ CODE, PROSE, MATHEMATICS }))
  test(`CL-5: normalise: ${name.toLowerCase()} that hides nothing is left as it is`, () => {
    expect(normalise(text.repeat(8))).toMatchObject({ layers: [], marks: [] })
  })

test('normalise: a text of another script keeps it; only words that mix scripts are read as Latin', () => {
  expect(normalise('Сколько стоит поездка в Москву? IT-компания, USB-кабель.').layers).toEqual([])
  expect(normalise('the раssword is in the сеllаr').layers.map(({ text }) => text)).toEqual([
    'the password is in the cellar',
  ])
})
