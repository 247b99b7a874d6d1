import { expect, test } from 'vitest'
import { en } from './en.ts'
import { ja } from './ja.ts'

test('console: messages have the same slots in both languages', () => {
  const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
  for (const [key, text] of Object.entries(en))
    expect([key, slots(ja[key as keyof typeof en])]).toEqual([key, slots(text)])
})

test('console: Japanese messages use full-width marks beside Japanese, and no space before Latin', () => {
  for (const [key, text] of Object.entries(ja)) {
    expect([key, /[぀-ヿ一-鿿][(:!?]|[)!][぀-ヿ一-鿿]|！/.test(text)]).toEqual([key, false])
    expect([
      key,
      /[぀-ヿ一-鿿] [A-Za-z{]/.test(
        text.replace(/時刻 \{zone\}|遅延 \{size\}|追加時間 p99|運用者 \{host\}|絞り込み\{field\} \{value\}/, ''),
      ),
    ]).toEqual([key, false])
  }
})
