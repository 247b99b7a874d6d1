import type { AttackForm, Category } from '../../../core/base/harm.ts'
import type { Segment } from '../../../core/base/segments.ts'
import type { Action } from '../../../core/policy/policy.ts'

/** Badges of actions, categories and attack forms, as in the glossary. */
export const ACTION_NAMES = {
  en: { allow: 'allow', flag: 'flag', fall_back: 'fall back', require_trust: 'require trust', refuse: 'refuse' },
  ja: { allow: '許可', flag: '要確認', fall_back: '代替応答', require_trust: '要信頼アクセス', refuse: '拒否' },
} satisfies Record<'en' | 'ja', Record<Action, string>>

export const CATEGORY_NAMES = {
  en: {
    cyber: 'cyber',
    bio: 'bio',
    chem: 'chem',
    'nuclear-radiological': 'nuclear-radiological',
    weapons: 'weapons',
    'child-safety': 'child safety',
    'self-harm': 'self-harm',
    'violence-extremism': 'violence and extremism',
    'hate-harassment': 'hate and harassment',
    'fraud-deception': 'fraud and deception',
    privacy: 'privacy',
    sexual: 'sexual',
    'illegal-drugs': 'illegal drugs',
    misinformation: 'misinformation',
    'prompt-injection': 'prompt injection',
    'other-harm': 'other harm',
  },
  ja: {
    cyber: 'サイバー',
    bio: '生物',
    chem: '化学',
    'nuclear-radiological': '核・放射線',
    weapons: '武器',
    'child-safety': '子どもの安全',
    'self-harm': '自傷・自殺',
    'violence-extremism': '暴力・過激主義',
    'hate-harassment': '憎悪・嫌がらせ',
    'fraud-deception': '詐欺・欺瞞',
    privacy: '個人情報',
    sexual: '性的内容',
    'illegal-drugs': '違法薬物',
    misinformation: '偽・誤情報',
    'prompt-injection': '指示の混入',
    'other-harm': 'その他の被害',
  },
} satisfies Record<'en' | 'ja', Record<Category, string>>

export const ATTACK_NAMES = {
  en: {
    injection: 'injection',
    jailbreak: 'jailbreak',
    encoding: 'encoding',
    suffix: 'suffix',
    leak: 'leak',
    'multi-turn': 'multi-turn',
  },
  ja: {
    injection: '指示の混入',
    jailbreak: '脱獄',
    encoding: '符号化による偽装',
    suffix: '敵対的な接尾列',
    leak: '内部指示の引き出し',
    'multi-turn': '複数ターンでの誘導',
  },
} satisfies Record<'en' | 'ja', Record<AttackForm, string>>

export const REASON_NAMES = {
  en: {
    'content.uninspected': 'uninspected',
    'detector.unavailable': 'unavailable',
    'trust.required': 'trusted access',
    'control.suspended': 'suspended',
    'budget.spent': 'budget spent',
  },
  ja: {
    'content.uninspected': '未検査',
    'detector.unavailable': '応答なし',
    'trust.required': '信頼アクセス',
    'control.suspended': '停止中',
    'budget.spent': '予算上限に到達',
  },
} as const

/** Kinds of traffic. */
export const SEGMENT_NAMES = {
  en: {
    coding: 'coding',
    debugging: 'debugging',
    'secure-code-fix': 'security fixes in code',
    security: 'security',
    medical: 'medicine',
    biology: 'biology',
    chemistry: 'chemistry',
    physics: 'physics',
    legal: 'law',
    finance: 'finance',
    documents: 'documents',
    conversation: 'conversation',
    roleplay: 'role play',
    'safety-words': 'talk about safety',
    'injection-words': 'talk about injection',
    other: 'other',
  },
  ja: {
    coding: 'コーディング',
    debugging: 'デバッグ',
    'secure-code-fix': 'コードの脆弱性修正',
    security: 'セキュリティ',
    medical: '医療',
    biology: '生物学',
    chemistry: '化学',
    physics: '物理学',
    legal: '法務',
    finance: '金融',
    documents: '文書',
    conversation: '会話',
    roleplay: 'ロールプレイ',
    'safety-words': '安全性の話題',
    'injection-words': 'インジェクションの話題',
    other: 'その他',
  },
} satisfies Record<'en' | 'ja', Record<Segment, string>>
