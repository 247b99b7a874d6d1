import { expect, test } from 'vitest'
import { hasUnknownScript } from './unknown-script.ts'

/** "Where is the nearest library?" and the like, in languages of which the model has seen nothing. */
const UNKNOWN = {
  hebrew: 'היכן נמצאת הספרייה הקרובה ביותר לביתי',
  georgian: 'სად არის უახლოესი ბიბლიოთეკა ჩემს სახლთან',
  armenian: 'Որտե՞ղ է գտնվում մոտակա գրադարանը իմ տնից',
  amharic: 'በአቅራቢያዬ የሚገኘው ቤተ መጻሕፍት የት ነው ያለው እባክህ ንገረኝ',
  khmer: 'តើបណ្ណាល័យដែលនៅជិតបំផុតនៅឯណា សូមប្រាប់ខ្ញុំផង',
  adlam: '𞤀𞤣𞤤𞤢𞤥 '.repeat(6),
}
const KNOWN = [
  'Where is the nearest library? '.repeat(9),
  'Où se trouve la bibliothèque la plus proche, s’il vous plaît',
  '一番近い図書館はどこですか。ｶﾀｶﾅでも教えてください',
  '最近的图书馆在哪里请告诉我怎么走谢谢你的帮助非常感谢',
  '가장 가까운 도서관이 어디에 있는지 알려 주세요 감사합니다',
  'Где находится ближайшая библиотека, подскажите пожалуйста',
  'Πού βρίσκεται η πλησιέστερη βιβλιοθήκη παρακαλώ',
  'أين تقع أقرب مكتبة من منزلي من فضلك أخبرني',
  'सबसे नज़दीकी पुस्तकालय कहाँ है कृपया मुझे बताइए',
  'সবচেয়ে কাছের গ্রন্থাগারটি কোথায় আছে দয়া করে বলুন',
  'அருகிலுள்ள நூலகம் எங்கே உள்ளது என்று சொல்லுங்கள்',
  'ห้องสมุดที่ใกล้ที่สุดอยู่ที่ไหนกรุณาบอกฉันด้วย',
  '🎉👩‍👩‍👧'.repeat(40),
  '∀x ∈ ℝ: 𝒇(𝒙) = 𝟐𝒙 '.repeat(9),
  '',
]

for (const [name, text] of Object.entries(UNKNOWN))
  test(`unknown script: a sentence in ${name}, also in the midst of one that can be read`, () => {
    expect(hasUnknownScript(text)).toBe(true)
    expect(hasUnknownScript(`${'Translate this for me. '.repeat(200)}${text}`)).toBe(true)
    expect(hasUnknownScript(`What does ${[...text].slice(0, 10).join('')} mean?`)).toBe(false)
  })

test('unknown script: what the model was trained on is read', () => {
  expect(KNOWN.filter(hasUnknownScript)).toEqual([])
})
