import { canonicalJson } from '../../base/canonical-json.ts'
import { TRANSPARENCY_WORDS } from './catalogue.ts'

/** One published month, as the index names it. */
export interface Published {
  readonly month: string
  readonly complete: boolean
  readonly knownUntil: string | null
  /** Root of the tree that it is of, hex. */
  readonly root: string
  /** Why it was withdrawn; it stays all the same. */
  readonly withdrawn: string | null
}

/** The index of all reports, newest first. Source: JSON Feed 1.1; addresses are relative to the feed's own. */
export function transparencyFeed(published: readonly Published[]): string {
  const items = [...published]
    .sort((a, b) => (a.month < b.month ? 1 : -1))
    .map(({ month, complete, knownUntil, root, withdrawn }) => {
      const title = TRANSPARENCY_WORDS.en.title(month)
      const text =
        withdrawn !== null
          ? TRANSPARENCY_WORDS.en.withdrawn(withdrawn)
          : complete
            ? title
            : TRANSPARENCY_WORDS.en.incomplete(knownUntil ?? '–')
      const file = (name: string, mime_type: string) => ({ url: `${month}/${name}`, mime_type })
      return {
        id: `${month}/report.json`,
        url: `${month}/report.en.html`,
        title: withdrawn === null ? title : `${title} (withdrawn)`,
        content_text: text,
        ...(knownUntil === null ? {} : { date_modified: knownUntil }),
        attachments: [
          file('report.json', 'application/json'),
          file('report.csv', 'text/csv'),
          file('report.txt', 'text/plain'),
          file('report.ja.html', 'text/html'),
        ],
        _sluice: { complete, root, withdrawn: withdrawn !== null },
      }
    })
  return `${canonicalJson({ version: 'https://jsonfeed.org/version/1.1', title: 'Transparency reports', items })}\n`
}
