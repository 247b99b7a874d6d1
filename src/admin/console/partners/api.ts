import { queryOptions } from '@tanstack/react-query'
import type { PartnerList } from '../../partner-contract.ts'
import { request } from '../api.ts'

export const partnersQuery = queryOptions({
  queryKey: ['partners'],
  queryFn: () => request<PartnerList>('/api/partners'),
  refetchInterval: 15_000,
})

export function objectPath(publisher: string, id: string): string {
  return `/api/partners/${publisher.split('/').map(encodeURIComponent).join('/')}/${encodeURIComponent(id)}`
}
