import { SEGMENTS, type Segment } from '../core/base/segments.ts'
import type { TopicSample } from '../core/classifier/train-topics.ts'
import type { TrainingRow } from './training-ports.ts'

/** Subjects of our own pairs, which are as much Japanese as English, as the segments that they are about. */
const SUBJECTS: Readonly<Record<string, Segment>> = {
  debugging: 'debugging',
  triage: 'security',
  'exploit-defence': 'security',
  'fix-this-code': 'secure-code-fix',
  law: 'legal',
  medicine: 'medical',
  fiction: 'roleplay',
  homonyms: 'coding',
  translation: 'documents',
  'tool-results': 'documents',
  moderation: 'safety-words',
  figurative: 'other',
  definitions: 'other',
}
/** Sources of questions on everything and nothing. */
const GENERAL: ReadonlySet<string> = new Set(
  ['dolly-ja', 'jcommonsenseqa', 'gsm8k', 'truthfulqa', 'self-instruct', 'ifeval', 'oasst-prompts', 'aegis2'].concat([
    'ultra-eval',
    'certified-safe',
    'jsquad',
    'xcopa-id',
    'xcopa-it',
    'xcopa-sw',
    'xcopa-th',
    'xcopa-tr',
    'xcopa-vi',
  ]),
)
/**
 * Japanese rows do not say what they are about. Words of a subject say it roughly: a row with words of one subject alone is
 * of that one, with words of several of none.
 */
const JAPANESE: readonly (readonly [Segment, RegExp])[] = [
  ['medical', /患者|症状|診断|治療|疾患|医師|薬剤|血圧|手術|投与|妊娠|病院/],
  ['biology', /細胞|遺伝子|DNA|タンパク質|酵素|進化|生態系|光合成|染色体|ウイルス/],
  ['chemistry', /化学|分子|原子|イオン|酸化|触媒|溶液|モル|化合物|反応式/],
  ['physics', /物理|力学|電圧|電流|磁場|加速度|運動量|光速|波長|エネルギー保存/],
  ['legal', /法律|契約|裁判|条項|憲法|訴訟|被告|判例|民法|刑法|弁護士|規約/],
  ['finance', /株式|金利|投資|会計|税金|融資|予算|利益率|為替|インフレ/],
  ['coding', /プログラム|コードを書|関数|アルゴリズム|Python|JavaScript|SQL|データベース|コンパイラ|配列|変数名/],
  ['debugging', /バグ|デバッグ|エラーが出|例外が|動かな(?:い|く)|スタックトレース|テストが落ち/],
  ['security', /脆弱性|マルウェア|不正アクセス|ファイアウォール|侵入|暗号化|パスワード|セキュリティ|ログ.{0,8}攻撃/],
  ['documents', /要約して|翻訳して|次の文章|以下の文章|本文を|訳して/],
  ['roleplay', /小説|物語|主人公|登場人物|セリフ|役を演じ|なりきって/],
]

/** Rows of one segment and source that are learned from: more say the same. */
const MOST_EACH = 1200

/** What a row is about, where it says so: its topic, our own subject, or a source of general questions. Harmless rows only. */
export function segmentOfRow(row: TrainingRow & { readonly subject?: string }): Segment | null {
  if (row.label === 'harmful' || row.target === 'exchange') return null
  const said = row.topic ?? SUBJECTS[row.subject ?? '']
  // How many turns there are is no matter of the text.
  if (said !== undefined) return isSegment(said) && said !== 'conversation' ? said : null
  if (row.lang === 'ja') {
    const found = JAPANESE.filter(([, words]) => words.test(askedOf(row)))
    if (found.length > 0) return found.length === 1 ? found[0]![0] : null
  }
  return GENERAL.has(row.source) ? 'other' : null
}

/** What topics are learned from: what the user asks, segments of few rows louder. */
export function topicSamples(rows: readonly TrainingRow[]): readonly TopicSample[] {
  const taken = new Map<string, number>()
  const samples: { text: string; segment: Segment }[] = []
  for (const row of rows) {
    const segment = segmentOfRow(row)
    const text = askedOf(row)
    if (segment === null || text === '') continue
    const key = `${segment} ${row.source}`
    const n = (taken.get(key) ?? 0) + 1
    taken.set(key, n)
    if (n <= MOST_EACH) samples.push({ text, segment })
  }
  const counts = new Map<Segment, number>()
  for (const { segment } of samples) counts.set(segment, (counts.get(segment) ?? 0) + 1)
  return samples.map((one) => ({ ...one, weight: Math.min(4, Math.sqrt(1000 / counts.get(one.segment)!)) }))
}

/** What the user asks last. */
export function askedOf({ turns }: Pick<TrainingRow, 'turns'>): string {
  return turns.filter(({ role }) => role === 'user').at(-1)?.content ?? ''
}

function isSegment(value: string): value is Segment {
  return (SEGMENTS as readonly string[]).includes(value)
}
