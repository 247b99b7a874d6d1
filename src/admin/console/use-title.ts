import { useEffect } from 'react'

/** The finding of the page is its title too. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Sluice`
  }, [title])
}
