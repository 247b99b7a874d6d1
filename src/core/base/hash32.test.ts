import { expect, test } from 'vitest'
import { hash32 } from './hash32.ts'

/** Halves of sets, ids of drawn rows and arms of a canary hang on these bits: they may never change. */
test('hash32: the same bits for ever', () => {
  const texts = ['', 'a', 'half row-1', '日本語', '🙂 x'.repeat(50)]
  expect(texts.map((text) => hash32(text))).toEqual([2872998923, 444641715, 3410069537, 3456843481, 2169484221])
  expect(texts.map((text) => hash32(text, 0x1b873593))).toEqual([
    1738713326, 2244581944, 3957237469, 457585512, 3874901991,
  ])
})
