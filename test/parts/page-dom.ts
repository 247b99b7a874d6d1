/** What functions that run in a page need of it: tests are compiled without the DOM, and declare what they use as one of these. */

interface PageElement {
  readonly tagName: string
  readonly className: string
  readonly textContent: string
  readonly outerHTML: string
  readonly scrollWidth: number
  readonly scrollHeight: number
  readonly clientWidth: number
  readonly labels?: { readonly length: number } | null
  closest(selector: string): PageElement | null
  getAttribute(name: string): string | null
  getBoundingClientRect(): { readonly width: number; readonly right: number }
}

export interface PageDocument {
  readonly documentElement: PageElement & { readonly lang: string; setAttribute(name: string, to: string): void }
  readonly scrollingElement: PageElement
  readonly activeElement: PageElement | null
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
}

export type PageStyle = (
  element: unknown,
) => Readonly<Record<'display' | 'overflowX' | 'colorScheme' | 'filter', string>>
