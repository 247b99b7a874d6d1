import { USEFULNESS_BY, type UsefulnessBy } from '../../../jobs/usefulness-report.ts'

export const DAYS = ['7', '30', '90'] as const
export type Days = (typeof DAYS)[number]

/** What is asked, as it stands in the address; what is none is left out. */
export function usefulnessSearch({ by, days }: Readonly<Record<string, unknown>>): { by?: UsefulnessBy; days?: Days } {
  const [found, stretch] = [USEFULNESS_BY.find((one) => one === by), DAYS.find((one) => one === days)]
  return { ...(found === undefined ? {} : { by: found }), ...(stretch === undefined ? {} : { days: stretch }) }
}
