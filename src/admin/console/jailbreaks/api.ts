import { queryOptions } from '@tanstack/react-query'
import type {
  DutyDetail,
  PeopleList,
  PrecedentList,
  ReportDetail,
  ReportList,
  ReportTaken,
} from '../../report-contract.ts'
import { post, request } from '../api.ts'

export const reportsQuery = queryOptions({
  queryKey: ['reports'],
  queryFn: () => request<ReportList>('/api/reports'),
  refetchInterval: 15_000,
})

export function reportQuery(id: string) {
  return queryOptions({
    queryKey: ['reports', id],
    queryFn: () => request<ReportDetail>(reportPath(id)),
    refetchInterval: 15_000,
  })
}

export function precedentsQuery(id: string) {
  return queryOptions({
    queryKey: ['reports', id, 'precedents'],
    queryFn: () => request<PrecedentList>(`${reportPath(id)}/precedents`),
    staleTime: 60_000,
  })
}

export const dutyQuery = queryOptions({
  queryKey: ['duty'],
  queryFn: () => request<DutyDetail>('/api/duty'),
  refetchInterval: 15_000,
})

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: () => request<PeopleList>('/api/people'),
  staleTime: 15_000,
})

export function reportPath(id: string): string {
  return `/api/reports/${encodeURIComponent(id)}`
}

/** Acts that the page offers; the others are done where their evidence is, on the command line. */
export const OFFERED = ['acknowledge', 'triage', 'reproduce', 'respond', 'withdraw'] as const
export type Offered = (typeof OFFERED)[number]

export function actOn(id: string, act: Offered, body: { readonly by: string; readonly reason: string }) {
  return post<ReportDetail>(`${reportPath(id)}/${act}`, body)
}

export function fileReport(report: object, by: string): Promise<ReportTaken> {
  return post<ReportTaken>('/api/reports', { report, ...(by === '' ? {} : { by }) })
}

export function draftOverride(
  id: string,
  body: {
    readonly action: string
    readonly hours: number
    readonly people: readonly string[]
    readonly by: string
    readonly reason: string
  },
) {
  return post<ReportDetail>(`${reportPath(id)}/override`, body)
}

export function signOverride(id: string, override: string, envelope: string) {
  return post<ReportDetail>(`${reportPath(id)}/sign`, { override, envelope })
}
