import type { MessageKey } from './en.ts'

/** What people read, in Japanese: written, not translated. A missing entry does not compile. */
export const ja = {
  'what.input.cyber': 'システムへの攻撃に使えるコードや手順の依頼',
  'what.output.cyber': '攻撃に使えるコードや手順',
  'what.input.bio': '危険な病原体や毒素を扱う実験手順の依頼',
  'what.output.bio': '危険を伴う実験の詳細',
  'what.input.chem': '危険な化学物質の製造や拡散の方法の依頼',
  'what.output.chem': '危険な化学物質の製造や拡散の詳細',
  'what.input.nuclear-radiological': '核・放射性物質による被害につながる詳細の依頼',
  'what.output.nuclear-radiological': '核・放射性物質による被害につながる詳細',
  'what.input.weapons': '武器の製作や入手の方法の依頼',
  'what.output.weapons': '武器の製作や入手の詳細',
  'what.input.child-safety': '子どもの安全に関わる内容',
  'what.output.child-safety': '子どもの安全に関わる内容',
  'what.input.self-harm': '自分を傷つけることに関わる内容',
  'what.output.self-harm': '自分を傷つけることに関わる詳細',
  'what.input.violence-extremism': '暴力や暴力的な過激主義を助ける内容の依頼',
  'what.output.violence-extremism': '暴力や暴力的な過激主義を助ける内容',
  'what.input.hate-harassment': '人をおとしめたり標的にしたりする内容の依頼',
  'what.output.hate-harassment': '人をおとしめたり標的にしたりする内容',
  'what.input.fraud-deception': '人をだまして利益を得るための資料の依頼',
  'what.output.fraud-deception': '人をだまして利益を得るための資料',
  'what.input.privacy': '他の人の個人情報を求める依頼',
  'what.output.privacy': '他の人の個人情報',
  'what.input.sexual': 'ここでは提供していない性的な内容の依頼',
  'what.output.sexual': 'ここでは提供していない性的な内容',
  'what.input.illegal-drugs': '違法薬物の製造や取引の方法の依頼',
  'what.output.illegal-drugs': '違法薬物の製造や取引の詳細',
  'what.input.misinformation': '広めることを目的とした虚偽の情報の依頼',
  'what.output.misinformation': '広めることを目的とした虚偽の情報',
  'what.input.prompt-injection': 'このサービスへの指示を書き換えようとする文',
  'what.output.prompt-injection': '信頼できない文中の指示に従った内容',
  'what.input.other-harm': '被害につながりうる内容の依頼',
  'what.output.other-harm': '被害につながりうる内容',
  'what.attack.injection': 'このサービスへの指示を書き換えようとする文',
  'what.attack.jailbreak': '安全対策をすり抜けるために使われる形の文',
  'what.attack.encoding': '直接読めない形に符号化された文',
  'what.attack.suffix': 'モデルの動作を乱すことが知られている文字の並び',
  'what.attack.leak': 'このサービスの内部の指示を引き出す依頼',
  'what.attack.multi-turn': '段階的に被害へ近づいていく一連のターン',
  'next.rephrase': '目的や、ご自身が管理・検証している対象を書き添えると、回答できることがあります。',
  'next.trust': '許可を得た防御や研究の業務であれば、信頼アクセス（{scope}）の対象です： {enroll_url}',
  'next.support': 'つらい状況にあるときは、今すぐ話せる相手がいます：{support_line}。',
  'next.child': '子どもに危険が及んでいる可能性があるときは、まず地域の緊急窓口に連絡してください。',
  'next.part': '引用した文書やツール結果を外して、もう一度お試しください。',
  'next.part.document': '該当箇所は引用した文書の中にあります。文書を外して、もう一度お試しください。',
  'next.part.tool_result': '該当箇所はツールの結果の中にあります。結果を外して、もう一度お試しください。',
  'next.part.tool_definition': '該当箇所はツールの定義の中にあります。定義を外して、もう一度お試しください。',
  'next.part.assistant': '該当箇所は以前の回答の中にあります。その回答を外して、新しく始めてみてください。',
  'next.background': '経緯： {brief_url} ',
  'explain.refuse.input':
    'このリクエストへの回答を控えました。{what}と読み取れたためです（{category_name}）。自動判定であり、問題のある行為と認定するものではありません。{next}詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.refuse.output':
    '回答を途中で止めました。{what}が含まれ始めたためです（{category_name}）。すでに届いた部分は確認済みです。{next}詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.refuse.output_full':
    '作成された回答の送信を控えました。{what}が含まれるためです（{category_name}）。リクエスト自体は受け付けています。{next}詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.refuse.exchange':
    'リクエストと回答を合わせて見ると{what}に当たるため（{category_name}）、回答の送信を控えました。{next}詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.refuse.short':
    'このリクエストへの回答を控えました（{category_name}）。詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.refuse.suspended':
    'このリクエストにはどのモデルも回答していません。{requested_model}は{until}まで停止しています。{next}詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.refuse.suspended.open':
    'このリクエストにはどのモデルも回答していません。{requested_model}は停止しています。{next}詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.refuse.rest':
    '以降の回答を控えました（{category_name}）。詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.refuse.tool':
    '回答に含まれるツール呼び出しに{what}が含まれるため（{category_name}）、その呼び出しを省きました。詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.require_trust':
    'このリクエストに回答できるのは、{scope}の信頼アクセスを持つ組織に限られます（{category_name}）。現在「{org}」には付与されていません。申請方法： {enroll_url} 詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.require_trust.short':
    'このリクエストへの回答には信頼アクセスが必要です（{category_name}）。詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.require_trust.requirement':
    '「{org}」には{scope}の信頼アクセスがありますが、付与の要件が満たされていません：{missing}。満たされるまでは通常の安全対策が適用されます。詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.fall_back.notice':
    'この回答は、{requested_model}に代わって{served_model}が作成しました（{category_name}）。次のターンは再び{requested_model}から始まります。詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.fall_back.midstream':
    'ここからは、{requested_model}に代わって{served_model}が回答します（{category_name}）。詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.fall_back.suspended':
    'この回答は{served_model}が作成しました。{requested_model}は{until}まで停止しています。経緯： {brief_url}',
  'explain.fall_back.suspended.open':
    'この回答は{served_model}が作成しました。{requested_model}は停止しています。経緯： {brief_url}',
  'explain.fall_back.exhausted':
    'このリクエストに回答できるモデルがありませんでした（{category_name}）。試したモデル：{alternatives}。詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.part_set_aside':
    '入力のうち一つのパート（ターン{turn}、信頼できない出所）を除いて回答しました。詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.content.uninspected':
    '入力の一部を読み取れなかったため（{missing}）、このリクエストには信頼アクセスが必要です。内容をテキストで送ると回答できることがあります。詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.degraded':
    '検査の一つが応答しなかったため、念のため{served_model}で回答しました。リクエストが有害と判定されたわけではありません。詳細・異議申立て： {appeal_url} （申立て番号：{appeal_id}）',
  'explain.model_refusal':
    'モデル自身が回答を断りました。このゲートウェイの判定ではなく、モデルの文をそのまま届けています。',
  'explain.tool_use': 'このツール呼び出しは、{category_name}に関わる内容と判断しました。',
  'explain.hooks.deny':
    'この入力への回答を控えました（{category_name}）。言い換えるか、異議を申し立てることができます： {appeal_url}',
  'explain.refuse.self_harm':
    '{next}このサービスでは自分を傷つけることの手助けはできませんが、尋ねたこと自体は何も悪くありません。詳細： {appeal_url} （申立て番号：{appeal_id}）',
  'page.not_wrongdoing': '拒否は、文の内容を自動的に読み取った結果です。問題のある行為と認定するものではありません。',
  'page.signature':
    '報告されている脱獄（ジェイルブレイク）と同じ形のリクエストです。通常の業務と形が重なることもあり、異議申立ては人が確認します。',
  'page.words': '判定に最も影響した箇所：',
  'page.band.near': 'しきい値に近い判定でした。',
  'page.band.clear': 'しきい値から離れた明確な判定でした。',
  'page.similar': '回答できる似たリクエスト',
  'page.training': 'このリクエストは学習に使われていません。',
  'page.cost.declined': 'モデルは実行されておらず、料金は発生していません。',
  'harm.self-harm': '`explain.refuse.self_harm`',
  'control.suspended': '`explain.fall_back.suspended` · `error.model_suspended`',
  'control.legal_order': '`error.model_suspended.open`; page `legal.notice`',
  'content.uninspected': '`explain.content.uninspected` · none',
  'detector.unavailable': '`explain.degraded` · none',
  'budget.spent': '`error.budget_spent`',
  'appeal.prompt': 'どのような作業の途中でしたか。一、二文でかまいません。',
  'appeal.received':
    '異議申立て{appeal_id}を受け付けました。人が確認し、{respond_by}までに回答します。先に受け付けた件数：{n}件。状況： {url}',
  'appeal.resubmit':
    'このサービスは内容を保存しません。人が確認できるよう、異議申立て{appeal_id}に元のリクエストを添えて送ってください。',
  'appeal.reviewing': '異議申立て{appeal_id}は、{since}から担当者が確認しています。',
  'appeal.late':
    '異議申立て{appeal_id}への回答が期限（{respond_by}）に間に合いませんでした。最優先で確認します。この遅れは公開する統計に含めます。',
  'appeal.upheld': '判定は変わりません（異議申立て{appeal_id}）。理由：{reason_text}回答できる形：{next}',
  'appeal.overturned':
    '{decision_id}の判定は誤りでした。申し訳ありません。同じリクエストは、このキーで{until}まで実行できます。返還した料金：{credit}。再実行： {url}',
  'appeal.exception':
    '個別例外を認めました。対象はこの内容とこのキー、期限は{until}です。内容を変えた場合は改めて判定します。',
  'appeal.exception.expired':
    '{decision_id}の個別例外は{until}に終了しました。全体への修正は{release}で予定しています。',
  'appeal.fixed': '{release}で全体に修正しました。{decision_id}と同様のリクエストに回答できます。',
  'appeal.withdrawn': '異議申立て{appeal_id}は申立人が取り下げました。判定の見直しは行っていません。',
  'appeal.offer_lapsed':
    '{decision_id}の内容は保存期間を過ぎたため、異議を申し立てられなくなりました。同じリクエストを送ると、新しい判定に対して申し立てられます。',
  'appeal.exception.revoked': '{decision_id}の個別例外は{at}に取り消しました。理由：{reason_text}',
  'appeal.duplicate': 'この判定にはすでに異議申立て{appeal_id}があります。記入内容を追加しました。',
  'appeal.rate': 'このキーからの異議申立ては1日{limit}件までです。次は{at}から送れます。',
  'appeal.conflict': 'この項目にラベルを付けた人は、その異議申立てを判断できません。',
  'error.body_invalid': 'リクエスト本文を読み取れません：{field} {expected}',
  'error.credential_invalid': '有効な認証情報がありません。`x-api-key`または`authorization: Bearer`を送ってください',
  'error.token_invalid': '委任トークンを受け付けられません：{cause}',
  'error.token_invalid.expired': '{at}に失効',
  'error.token_invalid.revoked': '{at}に取消し',
  'error.token_invalid.widened': '範囲が上位の付与より広い',
  'error.token_invalid.caveat': '未知の付帯条件`{caveat}`',
  'error.budget_spent': '予算{budget}の上限に達しました：{limit}のうち{spent}を使用',
  'error.trusted_access_required': 'このリクエストには{scope}の信頼アクセスが必要です',
  'error.model_suspended':
    '{requested_model}は{since}からこのアカウントで停止しています。経緯と終了予定はdetails.brief_urlを参照',
  'error.model_suspended.open':
    '{requested_model}は法的命令により{since}からこのアカウントで停止しています（終了日の定めなし）。経緯はdetails.brief_urlを参照',
  'error.control_denied':
    '{requested_model}は{instrument_id}によりこのアカウントには提供されていません（{basis}）。異議申立てはdetails.appeal_urlから',
  'error.not_found': 'このアカウントに該当するものがありません',
  'error.body_too_large': '本文が{limit}を超えています',
  'error.content_encoding': 'content-encoding`{value}`には対応していません。identity、gzip、br、zstdを使ってください',
  'error.rate_limit_exceeded': '呼び出し回数の上限{limit}に達しました。{left}後に再試行してください',
  'error.overloaded': '混雑のため受付を制限しています。{left}後に再試行してください',
  'error.record_unavailable': '記録を書き込めないため回答を控えました。後ほど再試行してください',
  'error.stage_unavailable': '必須の段階が応答しませんでした：{stage}',
  'error.upstream_unreachable': '{requested_model}の接続先につながりません',
  'error.upstream_timeout': '{requested_model}の接続先から{limit}以内に応答がありませんでした',
  'error.upstream_invalid': '{requested_model}の接続先の応答を解釈できません',
  'error.guard_unavailable': '回答の残りを時間内に確認できませんでした',
  'error.detector_unavailable': '{stage}の検出器が応答しませんでした',
  'error.fallback_token': 'fallback_credit_tokenを受け付けられません：{cause}',
  'error.fallback_token.rotating': 'fallback_credit_tokenは一時的に使えません（鍵の更新中）',
  'notice.budget_step':
    '予算{budget}の{share}を使用しました（{limit}のうち{spent}）。次の期間は{resets_at}から始まります。',
  'notice.price_change':
    '{at}から、{requested_model}の料金が{new_price}になります（現在{old_price}）。料金はリクエストの到着時刻で決まります。',
  'cli.listening': '待受 {url}',
  'cli.console': 'コンソール {url}',
  'cli.mode.observe': 'モード：OBSERVE（観察）、判定を表示、回答への影響なし',
  'cli.mode.enforcing': 'モード：ENFORCING（適用中）、{release}',
  'cli.mode.off': 'モード：OFF（素通し）、{since}から、{person}',
  'cli.off.legal': '法的命令による措置は継続：{instrument_id}',
  'cli.upstreams': '接続先：{alternatives}',
  'cli.no_upstream':
    '接続先の設定なし：内蔵の練習用モデルが回答。次の操作：ANTHROPIC_UPSTREAM_URLまたはOPENAI_UPSTREAM_URLを設定',
  'cli.content': '内容の保存：{age}、保存しない場合は{variable}',
  'cli.single_person': '登録者は一人：承認区分0〜2は二人目の承認なし、3は閉鎖、すべての操作にsingle_personと記録',
  'cli.copy': '次のいずれかを貼り付け：',
  'cli.key_passes': 'キーは中継のみ、保存なし',
  'cli.live.would': '{did}（適用時：{would}）',
  'cli.live.more': 'ほかに{n}件以上。ライブのページで確認',
  'cli.confirm': '直近24時間のリクエスト{n}件、{k}組織に影響します。続けますか？',
  'cli.suggest': '{release}の場合：拒否{refused}件、要確認{flagged}件。適用前に内容を確認： {url}',
  'doctor.ok': '{check}：正常',
  'doctor.clock': '時計が{age}ずれています。次の操作：時刻同期を有効にする（`timedatectl set-ntp true`）',
  'doctor.disk':
    '{path}の空きが{left}のみ（一時保管に{limit}必要）。次の操作：空きを増やすか、設定で一時保管の上限を下げる',
  'doctor.proxy_buffers':
    '途中のプロキシがストリームを溜めています。次の操作：プロキシの緩衝を切る（nginx：`proxy_buffering off`）',
  'doctor.proxy_strips_ping': '接続維持の信号が届いていません。次の操作：`text/event-stream`を変更せずに通す',
  'doctor.upstream_unreachable': '{upstream}が応答しません。次の操作：`curl -sI {url}` を実行し、通信とキーを確認',
  'doctor.upstream_auth': '{upstream}がキーを受け付けません。次の操作：{variable}に有効なキーを設定',
  'doctor.betas': '{upstream}は{feature}に未対応。代替応答はヘッダーで開示します。操作不要',
  'doctor.model_file': '分類器ファイル{path}がハッシュと不一致。次の操作：リリース{release}のファイルに戻す',
  'doctor.witness': '{age}の間、立会人の連署なし。次の操作：`sluice feed verify`',
  'doctor.config': '{file} {line}行目：{cause}。最後の正しい設定のまま動作中',
  'doctor.summary': '検査{total}件、要対応{n}件',
  'empty.live': 'まだリクエストがありません。起動時に表示された行で送ってみてください。',
  'empty.review': '確認待ちはありません。',
  'empty.appeals': '未回答の異議申立てはありません。最も長くかかった回答は{age}でした。',
  'empty.collateral': '巻き添えレポートには件数が足りません（{needed}件中{n}件）。',
  'empty.jailbreaks': '報告はありません。接続中の共有フィード：{n}件',
  'empty.controls': '有効な措置はありません。すべてのモデルをすべての対象者に提供しています。',
  'trust.page.title': '信頼アクセス：{scope}',
  'trust.page.what':
    '一部のリクエスト（{category_name}）に回答できるのは、{scope}の信頼アクセスを持つ組織に限られます。通常の安全対策では回答を控える、許可を得た防御や研究の業務のための仕組みです。',
  'trust.page.who':
    '信頼アクセスを付与するのは、このゲートウェイの運用者です。現在動作しているバージョンにはまだ付与の機能がないため、どの組織にも付与されておらず、申請しても現時点で回答は変わりません。',
  'trust.page.contact': '用途の相談や、それまでに可能な方法の確認は、運用者にお問い合わせください： {contact}',
  'trust.page.no_contact':
    '運用者の連絡先は登録されていません。キーやこのゲートウェイの接続先を受け取った相手にお問い合わせください。',
  'trust.page.appeal':
    '回答されるべきリクエストが拒否されたと思われる場合は、回答に記載のリンクから異議を申し立ててください。担当者が確認します。',
  'empty.trust': 'アクセス付与はまだありません。',
  'empty.digest': '{at}に記録された出来事はありません。',
  'empty.search':
    '「{query}」に一致するものがありません。全角・半角、ひらがな・カタカナ、大文字・小文字は区別しません。語を減らしてお試しください。',
  'state.loading': '読み込み中',
  'state.unit_suppressed': '10未満のため非表示',
  'category.cyber': 'サイバー',
  'category.bio': '生物',
  'category.chem': '化学',
  'category.nuclear-radiological': '核・放射線',
  'category.weapons': '武器',
  'category.child-safety': '子どもの安全',
  'category.self-harm': '自傷・自殺',
  'category.violence-extremism': '暴力・過激主義',
  'category.hate-harassment': '憎悪・嫌がらせ',
  'category.fraud-deception': '詐欺・欺瞞',
  'category.privacy': '個人情報',
  'category.sexual': '性的内容',
  'category.illegal-drugs': '違法薬物',
  'category.misinformation': '偽・誤情報',
  'category.prompt-injection': '指示の混入',
  'category.other-harm': 'その他の被害',
  'action.allow': '許可',
  'action.flag': '要確認',
  'action.fall_back': '代替応答',
  'action.require_trust': '要信頼アクセス',
  'action.refuse': '拒否',
} as const satisfies Record<MessageKey, string>
