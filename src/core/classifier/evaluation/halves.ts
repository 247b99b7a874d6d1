import { hash32 } from '../../base/hash32.ts'

/**
 * Which half of a set a row belongs to, by its id alone: one half chooses a threshold, the other is measured at it.
 * Adding rows moves none.
 */
export function halfOf(id: string): 'calibration' | 'test' {
  return hash32(`half ${id}`) & 1 ? 'calibration' : 'test'
}
