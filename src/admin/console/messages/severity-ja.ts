import type { severityPageEn } from './severity-en.ts'

/** The severity calculator, in Japanese. */
export const severityPageJa = {
  'nav.respond': '対処する',
  'nav.severity': '深刻度',

  'severity.h1': '{band}（{score}）',
  'severity.h1.range': '未測定：{lo}〜{hi}',
  'severity.h1.fault': 'ベクトルとして読めません',
  'severity.lede':
    'その手法が存在することによる損失の大きさを、誰が計算しても同じになる一つの値で表します。アドレスにベクトルが入っているので、そのまま送れます。',
  'severity.vector': 'ベクトル',
  'severity.use': '読み込む',
  'severity.choices': '測定した水準',
  'severity.choices.note': 'JSS 1.0。右端は重み',
  'severity.beside': '値に入らないもの',
  'severity.beside.note': '証拠・正当利用の割合・対処は値を変えません',
  'severity.open': '記載なし',
  'severity.all': '各水準の条件',
  'severity.score': '値',
  'severity.score.note': '区間なし。区間は測定値とともに示します',
  'severity.ceiling': '最大値{score}',
  'severity.upper': '暫定上限{score}',
  'severity.formula': '⌊(UP × HD × (100 + UN + EF + RE + DI) + 10000) ÷ 20000⌋（0.1点単位）',
  'severity.steps': '1段階変えた場合',
  'severity.steps.none': '上乗せ能力を測定するまで、変える値がありません。',
  'severity.up': '上',
  'severity.down': '下',
  'severity.others': '他の尺度',
  'severity.cjs.cyber': '被害がサイバーの場合',
  'severity.cjs.none': '上乗せ能力が分かっている、深刻なサイバー被害だけが対象',
  'severity.jef.none': '提供元・モデル・題材の数が必要：sluice severity --jef',
  'severity.copy': 'ベクトルをコピー',
  'severity.copied': 'コピーしました',
  'severity.start': '例から始める',
} as const satisfies Readonly<Record<keyof typeof severityPageEn, string>>
