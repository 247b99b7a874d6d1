import type { CollateralWords } from './words.ts'

const END = {
  pass: 'すべての関門を通過しました',
  fail: '審査には進めません',
  INCONCLUSIVE: '審査に送るには、まだ分かっていることが足りません',
} as const

/** Sentences of the collateral report in Japanese. */
export const ja: CollateralWords = {
  lang: 'ja',
  title: '巻き添え報告書',
  heading: (after, points, sign, outcome) =>
    sign > 0
      ? `${after}は正当なリクエストの${points}ポイントを、求められたモデルから遠ざけます。${END[outcome]}`
      : sign < 0
        ? `${after}は正当なリクエストの${points}ポイントを、求められたモデルに戻します。${END[outcome]}`
        : `${after}では正当なリクエストの割合に変化がありません。${END[outcome]}`,
  lede: ({ before, after, requests, sessions, organisations, source, window }) =>
    `${after}と${before}を同じトラフィックで対にして比較：正当なリクエスト${requests}件、${sessions}セッション、${organisations}組織${window === null ? '' : `、${window}`}。出所：${source}。`,
  outcome: { pass: '合格', fail: '不合格', INCONCLUSIVE: '結論保留' },
  action: {
    allow: '許可',
    flag: '要確認',
    fall_back: '代替応答',
    require_trust: '要信頼アクセス',
    refuse: '拒否',
  },
  movement: {
    newly_refused: '新たに拒否',
    newly_diverted: '新たに振り替え',
    newly_freed: '新たに解放',
    eased: '拒否から振り替えへ',
    marked: '回答は同じ、印だけ変化',
    unchanged: '変化なし',
  },
  dimension: {
    category: '区分(全トラフィック比)',
    segment: '作業',
    org: '組織',
    surface: '接続形式',
    language: '言語',
  },
  gate: {
    permanent: '恒久事例',
    miss: '見逃し率・片側上限',
    retained: '維持率が許容内',
    separable: '遮断対象が正当な文面と分離できる',
    slices: '層ごとの損失の上限',
    overhead: '付加遅延 p99',
    sunset: '失効日(一時的な場合)',
  },
  reason(gate, { n, needed }) {
    switch (gate.reason) {
      case 'holds':
        return gate.about === null ? '' : gate.about
      case 'acts_on_permanent':
        return `恒久事例に対応が及びます(最多は${gate.about})。1件も許されません。対象を狭めてください。`
      case 'still_acted':
        return `新しい対応はありません。${gate.about}の一部には、現在と同じく対応が及びます。`
      case 'no_permanent':
        return '恒久事例を確認していません。回帰テスト集のフォルダーを指定してください。'
      case 'claim_n':
        return `${gate.about}についてこの主張をするには${n}件では不足です。この見逃し件数なら${needed}件で判定できます。`
      case 'claim_missed':
        return `${gate.about}で観測された見逃しは主張と矛盾します。主張を下げるか、検出を増やしてください。`
      case 'one_sided':
        return '公開できません。誤検知だけで見逃しの数値がありません。攻撃例を加えてください。'
      case 'loses_attacks':
        return '現在検出している攻撃を見逃します。'
      case 'over_budget':
        return '許容範囲の外です。追加の承認1件、またはより狭い安全対策が必要です。'
      case 'too_few':
        return `${n}件では判定できません${gate.needed === null ? '' : `。約${needed}件で判定できます`}。`
      case 'inseparable':
        return `止める対象を文面では区別できません：${gate.about}。対象を狭めるか、出力で判断するか、信頼アクセスを求めてください。`
      case 'not_stated':
        return '検出すると主張する対象を、何と区別すべきかが示されていません。似た文面の正当な作業を指定してください。'
      case 'over_slice':
        return `全層で補正しても上限を超えて失います：${gate.about}。`
      case 'over_limit':
        return '上限より遅くなります。'
      case 'not_measured':
        return 'このトラフィックでは測定していません。'
      case 'no_sunset':
        return '一時的な安全対策には失効日が必要です。日付を加えてください。'
    }
  },
  section: {
    movements: '正当なトラフィックに起こる変化',
    gates: '関門',
    slices: '層別の振り替え・拒否',
    requests: '該当するリクエスト',
    gains: '得られるもの',
    limits: 'この報告書で言えないこと',
    cost: '費用',
  },
  note: {
    movements: '対応あり・95%区間はセッション単位。リクエストとセッションの割合は別物で、合算しません',
    gates: '区間全体が破線の正しい側にあること',
    slices: '正当なリクエスト、後と前の差(ポイント)。四角の面積はn、破線は上限。pは全層で補正(Holm)',
    gains: '求められたモデルが回答しなかった割合、正確な95%区間。差は対応あり',
    cost: '1件を調べる時間・軽量分類器',
  },
  column: {
    movement: '移動',
    requests: 'リクエスト',
    ofRequests: 'リクエスト比',
    sessions: 'セッション',
    ofSessions: 'セッション比',
    quality: '1件あたりの品質変化',
    measure: '測定項目',
    limit: '基準',
    value: '値・95%区間',
    result: '結果',
    slice: '層',
    before: '前 %',
    after: '後 %',
    difference: '差・95%区間',
    family: '攻撃群・区分',
    request: 'リクエスト',
    organisation: '組織',
    segment: '作業',
    category: '区分',
    corrected: 'p(補正後)',
  },
  figure: {
    retainedBefore: '維持率(前)',
    retainedAfter: '維持率(後)',
    weighted: '品質で重みづけ',
    budget: '許容下限',
    users: '変化のない利用者',
    sessionsAfter: '影響のないセッション(後)',
    mcnemar: '正確なMcNemar検定(セッション)',
    superset: '包含検査',
    madeFor: '求めた当局',
    sunset: '失効日',
    hash: 'バンドル',
    tokens: '検出器のトークン(1,000件あたり)',
  },
  superset: {
    superset: '現在対応しているものすべてに加え、さらに多くに対応',
    subset: '現在より少なく、新しい対応はなし',
    equal: '同じリクエストに対応',
    mixed: '新たに対応するものと、対応しなくなるものがある',
    worse: '明らかに劣る：正当なリクエストから奪うだけで何も戻さず、攻撃の検出も増えない',
  },
  freed: '← 解放',
  taken: '奪われる →',
  noAnswer: '回答なし',
  notMeasured: '未測定',
  none: 'なし',
  interval: (lo, hi) => `${lo}〜${hi}`,
  pp: (value) => `${value}ポイント`,
  nOf: (k, n) => `${n}件中${k}件`,
  shown: (shown, total) => `${total}件中${shown}件を悪い順に表示。全件はこの報告書のJSONにあります`,
  limits: {
    notReplayable: (n, reason) => `${n}件は判定をやり直せませんでした：${reason}`,
    withoutAnswer: (n) => `${n}件は回答の前に拒否されており、その回答がどう判定されるかは分かりません`,
    unlabelled: (n) => `${n}件にはラベルがなく、正当なものとして数えています`,
    slice: (name, n, needed) => `${name}：${n}件。約${needed}件で判定できます`,
    slicesLeft: (n) => `件数と変化の少ない${n}層は表示していません`,
    quality: '振り替え1件あたりの品質低下は測定していません。分かるのは件数だけです',
    oneSided: 'このトラフィックには攻撃がなく、見逃しについては何も言えません',
    left: '離れた利用者は適用後にしか分かりません',
  },
  replayReason(code) {
    switch (code) {
      case 'no_content':
        return '検出結果だけでは足りず、内容も残っていません'
      case 'unknown_release':
        return '当時の安全対策が手元になく、内容も残っていません'
      case 'not_asked':
        return '段階判定が、当時は尋ねられなかった検出器に尋ねることになります'
      case 'unreadable':
        return '内容をもう読み取れません'
      default:
        return code
    }
  },
}
