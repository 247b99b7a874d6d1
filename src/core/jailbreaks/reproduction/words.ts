import { filled } from '../filled.ts'
import type { Reproduction } from './result.ts'
import { type ReproductionKey, reproductionEn } from './words-en.ts'
import { reproductionJa } from './words-ja.ts'

export type ReproductionLang = 'ja' | 'en'

const CATALOGUES = { ja: reproductionJa, en: reproductionEn } as const

/** One entry of the catalogue with its slots filled. A slot without a value is a bug, and throws. */
export function reproductionWords(
  lang: ReproductionLang,
  key: ReproductionKey,
  slots: Readonly<Record<string, string | number>> = {},
): string {
  return filled(key, CATALOGUES[lang][key], slots)
}

/** The finding in one line. It counts only members of which something can be said, and says how many of none. */
export function headlineOf(
  { members, shortfalls, tasks }: Pick<Reproduction, 'members' | 'shortfalls' | 'tasks'>,
  lang: ReproductionLang,
): string {
  const slots = { asked: members.length, tasks: tasks.paired, wanted: tasks.wanted }
  if (shortfalls.includes('tasks') || shortfalls.includes('unavailable'))
    return reproductionWords(lang, 'repro.headline.few', slots)
  const same = members.filter(({ verdict }) => verdict === 'same').length
  const open = members.filter(({ verdict }) => verdict === 'INCONCLUSIVE')
  if (open.length === members.length) {
    const needed = Math.max(...open.map((one) => one.needed))
    // Enough by P7 and still open: the difference lies near the margin, and only more tasks can tell.
    const more = needed > tasks.paired ? needed : tasks.paired * 2
    return reproductionWords(lang, 'repro.headline.none', { ...slots, needed: more })
  }
  if (open.length > 0) return reproductionWords(lang, 'repro.headline.some', { ...slots, same, open: open.length })
  return reproductionWords(lang, 'repro.headline', { ...slots, same })
}
