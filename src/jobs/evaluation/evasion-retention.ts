import { hash32 } from '../../core/base/hash32.ts'
import { type Measured, measuredOrNull } from '../../core/classifier/evaluation/measured.ts'
import { type EvalRow, scoredOf, textOf, viewOf } from '../../core/classifier/evaluation/row.ts'
import { appliesTo, EVASIONS, type Evasion, evade } from '../../core/classifier/evasions.ts'
import type { Judge } from '../training-ports.ts'
import { judgeAll, type Progress } from './judge.ts'

/** What one way of writing a text does to finding it. */
export interface EvasionRetention {
  readonly evasion: Evasion
  /** Japanese apart from all others: what hides letters does not hide kana. */
  readonly language: 'ja' | 'other'
  readonly plain: Measured
  readonly transformed: Measured
  /** Texts found as they are written that are found transformed as well: what the bar is on. */
  readonly kept: Measured | null
  /** Harmless texts, transformed, above the same line: an odd spelling alone proves nothing. */
  readonly harmless: Measured | null
}

const MOST_CHARS = 4_000

/**
 * Harmful and harmless prompts under every transformation that can change them.
 * @param line Above it counts as found: that of 1 % false positives on the whole set.
 * @param most Texts of each side and language.
 */
export async function evasionRetention(
  rows: readonly EvalRow[],
  line: number,
  most: number,
  judge: Judge,
  progress: Progress,
): Promise<readonly EvasionRetention[]> {
  const plain = rows
    .filter((row) => viewOf(row) === 'prompt' && textOf(row).length <= MOST_CHARS)
    .sort((a, b) => hash32(`evasion ${a.id}`) - hash32(`evasion ${b.id}`))
  const above = async (all: readonly EvalRow[]) => {
    const { scored } = scoredOf(await judgeAll(all, judge, progress))
    return { n: scored.length, ids: new Set(scored.filter(({ score }) => score > line).map(({ row }) => row.id)) }
  }
  const found: EvasionRetention[] = []
  for (const language of ['other', 'ja'] as const) {
    const own = plain.filter(({ lang }) => (lang === 'ja') === (language === 'ja'))
    for (const evasion of EVASIONS) {
      const able = own.filter((row) => appliesTo(evasion, textOf(row)))
      const harmful = able.filter(({ label }) => label === 'harmful').slice(0, most)
      const harmless = able.filter(({ label }) => label === 'benign').slice(0, most)
      if (harmful.length === 0) continue
      const [before, after] = [await above(harmful), await above(harmful.map((row) => transformed(row, evasion)))]
      const other = await above(harmless.map((row) => transformed(row, evasion)))
      const [was, is] = [measuredOrNull(before.ids.size, before.n), measuredOrNull(after.ids.size, after.n)]
      if (was === null || is === null) continue
      const kept = [...before.ids].filter((id) => after.ids.has(id)).length
      found.push({
        evasion,
        language,
        plain: was,
        transformed: is,
        kept: measuredOrNull(kept, before.ids.size),
        harmless: measuredOrNull(other.ids.size, other.n),
      })
    }
  }
  return found.sort((a, b) => (a.kept?.share ?? 2) - (b.kept?.share ?? 2))
}

function transformed(row: EvalRow, evasion: Evasion): EvalRow {
  return { ...row, turns: row.turns.map(({ role, content }) => ({ role, content: evade(evasion, content) })) }
}
