import type { DecisionId } from '../../core/base/ids.ts'
import type { Ports } from '../../gateway/ports.ts'

export interface RedeemSettings {
  /** True the first time; rejects where the control side cannot say. */
  first(decision: DecisionId): Promise<boolean>
  report: Ports['report']
  /** How long it is waited for: a request that came with a token waits with it. */
  readonly waitMs?: number
}

const WAIT_MS = 300

/** Whether a credit token has its effect now. Who does not say in time has not said it: the request is served without. */
export function createRedeem({ first, report, waitMs = WAIT_MS }: RedeemSettings): Ports['redeem'] {
  return async (decision) => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, waitMs, 'late')
    })
    const notTold = (code: string) => {
      report('credit.not_told', { id: decision, code })
      return false
    }
    try {
      const said = await Promise.race([first(decision), late])
      return said === 'late' ? notTold('late') : said
    } catch (error) {
      return notTold(String((error as { readonly code?: unknown }).code ?? 'unknown'))
    } finally {
      clearTimeout(timer)
    }
  }
}
