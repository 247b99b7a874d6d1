import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type {
  Agreement,
  ApiError,
  AppealDetail,
  AppealList,
  ClusterDetail,
  DecisionDetail,
  DecisionPage,
  Labelled,
  ModeChange,
  PublicAppeal,
  PublicDecision,
  ReviewDetail,
  ReviewList,
  Status,
  Summary,
} from '../contract.ts'

export type SummaryWindow = '15m' | '1h' | '24h' | '7d' | '30d'

/** A request to Sluice that did not succeed; `unreachable` when there was no answer at all. */
export class ApiFault extends Error {
  readonly status: number
  readonly code: string
  readonly next: string
  /** Each fault with its place, where the server names them one by one. */
  readonly faults: readonly {
    readonly field: string
    readonly code: string
    readonly at: number | null
    readonly message: string
  }[]
  constructor(status: number, code: string, message: string, next: string, faults: ApiFault['faults'] = []) {
    super(message)
    this.name = 'ApiFault'
    this.status = status
    this.code = code
    this.next = next
    this.faults = faults
  }
}

export async function request<T>(path: string, init?: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { ...init, headers: { accept: 'application/json', ...init?.headers } })
  } catch (cause) {
    throw Object.assign(new ApiFault(0, 'unreachable', 'no answer', ''), { cause })
  }
  const body: unknown = await response.json().catch(() => null)
  if (response.ok && body !== null) return body as T // the server's types are the contract; both ship together
  const error = (body as ApiError | null)?.error
  throw new ApiFault(
    response.status,
    error?.code ?? 'unreadable',
    error?.message ?? `status ${response.status}`,
    error?.next ?? '',
    (error as { faults?: ApiFault['faults'] } | undefined)?.faults ?? [],
  )
}

export function post<T>(path: string, body: unknown): Promise<T> {
  return request<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: () => request<Status>('/api/status'),
  refetchInterval: 5000,
})

export function summaryQuery(window: SummaryWindow) {
  return queryOptions({
    queryKey: ['summary', window],
    queryFn: () => request<Summary>(`/api/summary?window=${window}`),
    refetchInterval: window === '15m' ? 5000 : 30_000,
    placeholderData: keepPreviousData,
  })
}

export function fetchPage(search: URLSearchParams): Promise<DecisionPage> {
  return request<DecisionPage>(`/api/decisions?${search}`)
}

export function decisionQuery(id: string) {
  return queryOptions({
    queryKey: ['decision', id],
    queryFn: () => request<DecisionDetail>(decisionPath(id)),
    staleTime: 60_000,
  })
}

export function decisionPath(id: string): string {
  return `/api/decisions/${encodeURIComponent(id)}`
}

export function changeMode(change: ModeChange): Promise<Status> {
  return post<Status>('/api/mode', change)
}

/** Address of a decision for its caller: the id and the capability, as they stand in the page's own address. */
export function publicAddress(location: Location): {
  readonly id: string
  readonly json: string
  readonly appeal: string
  readonly withdraw: string
} {
  const id = decodeURIComponent(location.pathname.split('/')[2] ?? '')
  const key = new URLSearchParams(location.search).get('k') ?? ''
  const query = `?k=${encodeURIComponent(key)}`
  const base = `/d/${encodeURIComponent(id)}`
  return { id, json: `${base}.json${query}`, appeal: `${base}/appeal${query}`, withdraw: `${base}/withdraw${query}` }
}

export function publicQuery(path: string) {
  return queryOptions({ queryKey: ['public', path], queryFn: () => request<PublicDecision>(path), staleTime: Infinity })
}

export function reviewQuery(by: string) {
  return queryOptions({
    queryKey: ['review', by],
    queryFn: () => request<ReviewList>(`/api/review?${new URLSearchParams({ by })}`),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  })
}

export function reviewItemQuery(id: string, by: string) {
  return queryOptions({
    queryKey: ['review-item', id, by],
    queryFn: () => request<ReviewDetail>(`/api/review/items/${encodeURIComponent(id)}?${new URLSearchParams({ by })}`),
  })
}

export function clusterQuery(id: string, by: string) {
  return queryOptions({
    queryKey: ['review-cluster', id, by],
    queryFn: () =>
      request<ClusterDetail>(`/api/review/clusters/${encodeURIComponent(id)}?${new URLSearchParams({ by })}`),
  })
}

export const agreementQuery = queryOptions({
  queryKey: ['agreement'],
  queryFn: () => request<Agreement>('/api/review/agreement'),
  refetchInterval: 30_000,
})

/** What a reviewer says of an item, or of all that wait in its cluster. */
export interface Word {
  readonly by: string
  readonly label: string
  readonly category?: string
  readonly reason: string
}

export function nextItem(by: string): Promise<{ readonly item: ReviewDetail | null }> {
  return post('/api/review/next', { by })
}

export function takeItem(id: string, by: string): Promise<ReviewDetail> {
  return post(`/api/review/items/${encodeURIComponent(id)}/take`, { by })
}

export function releaseItem(id: string, by: string): Promise<unknown> {
  return post(`/api/review/items/${encodeURIComponent(id)}/release`, { by })
}

export function labelItem(id: string, word: Word): Promise<Labelled> {
  return post(`/api/review/items/${encodeURIComponent(id)}/label`, word)
}

export function labelCluster(id: string, word: Word & { readonly count: number }): Promise<{ labelled: number }> {
  return post(`/api/review/clusters/${encodeURIComponent(id)}/label`, word)
}

export function undoLabel(path: string, by: string): Promise<unknown> {
  return post(path, { by })
}

export function appealsQuery(states: string) {
  return queryOptions({
    queryKey: ['appeals', states],
    queryFn: () => request<AppealList>(`/api/appeals?state=${states}`),
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  })
}

export function appealQuery(id: string) {
  return queryOptions({
    queryKey: ['appeal', id],
    queryFn: () => request<AppealDetail>(`/api/appeals/${encodeURIComponent(id)}`),
  })
}

export function moveAppeal(id: string, kind: 'take' | 'release' | 'decide' | 'fixed', body: object) {
  return post<AppealDetail>(`/api/appeals/${encodeURIComponent(id)}/${kind}`, body)
}

export function withdrawAppeal(path: string): Promise<PublicAppeal> {
  return post<PublicAppeal>(path, {})
}

export function sendAppeal(path: string, note: string): Promise<PublicAppeal> {
  return post<PublicAppeal>(path, { note })
}
