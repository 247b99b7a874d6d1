import { queryOptions } from '@tanstack/react-query'
import type { CollateralReport } from '../../../core/safeguards/collateral/report.ts'
import type { CollateralList } from '../../contract.ts'
import { request } from '../api.ts'

export const collateralListQuery = queryOptions({
  queryKey: ['collateral'],
  queryFn: () => request<CollateralList>('/api/collateral'),
  refetchInterval: 30_000,
})

/** A report never changes. */
export function collateralQuery(id: string) {
  return queryOptions({
    queryKey: ['collateral', id],
    queryFn: () => request<CollateralReport>(reportPath(id)),
    staleTime: Infinity,
  })
}

export function reportPath(id: string): string {
  return `/api/collateral/${encodeURIComponent(id)}`
}
