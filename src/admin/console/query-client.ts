import { QueryClient } from '@tanstack/react-query'
import { ApiFault } from './api.ts'

/** An answer, also a refusing one, is final; only silence is tried again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => error instanceof ApiFault && error.status === 0 && count < 2,
      refetchOnWindowFocus: false,
    },
  },
})
