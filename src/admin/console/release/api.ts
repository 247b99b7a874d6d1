import { queryOptions } from '@tanstack/react-query'
import type { ReleaseDetail, ReleaseList, ReleaseRow } from '../../release-contract.ts'
import { post, request } from '../api.ts'

/** What may be done with a release from the console; drafting and attaching is done where the files are. */
export const MOVES = [
  'report',
  'evaluate',
  'submit',
  'promote',
  'pause',
  'resume',
  'rollback',
  'abandon',
  'dry-run',
  'dry-run-end',
] as const
export type MoveName = (typeof MOVES)[number]

export const releasesQuery = queryOptions({
  queryKey: ['releases'],
  queryFn: () => request<ReleaseList>('/api/releases'),
  refetchInterval: 5000,
})

export function releaseQuery(id: string) {
  return queryOptions({
    queryKey: ['releases', id],
    queryFn: () => request<ReleaseDetail>(releasePath(id)),
    refetchInterval: ({ state }) => (state.data?.report?.state === 'running' ? 1000 : 5000),
  })
}

export function releasePath(id: string): string {
  return `/api/releases/${encodeURIComponent(id)}`
}

export function moveRelease(
  id: string,
  move: MoveName,
  body: { readonly by: string; readonly reason: string; readonly acceptInconclusive?: boolean },
): Promise<ReleaseRow> {
  return post<ReleaseRow>(`${releasePath(id)}/${move}`, body)
}
