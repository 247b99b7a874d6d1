import type { Receipt } from '../../../core/policy/receipt.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { findingRows } from './finding-rows.ts'
import { placeName, stageName } from './names.ts'

/** What each detector reported, as it went into the decision. */
export function FindingsTable({ receipt }: { readonly receipt: Receipt }) {
  const words = useWords()
  const { format } = useSettings()
  const rows = findingRows(receipt, words)
  if (rows.length === 0) return <p className="text-ink-2">{words('decision.findings.none')}</p>
  return (
    <table className="t flush">
      <thead>
        <tr>
          <th scope="col">{words('decision.label')}</th>
          <th scope="col" className="r">
            {words('decision.probability')}
          </th>
          <td className="max-p2:hidden" />
          <th scope="col">{words('decision.where')}</th>
          <th scope="col" className="max-p2:hidden">
            {words('decision.detector')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <td>{row.label}</td>
            <td className="r">{row.ppm === null ? '–' : format.decimal(row.ppm / 1e6, 3)}</td>
            <td className="max-p2:hidden w-[28%]">
              {row.ppm === null ? null : (
                <svg className="plot" height="12" aria-hidden="true">
                  <rect className="bar" width={`${row.ppm / 1e4}%`} height="12" />
                  <line className="axis" x1="0" x2="0" y1="0" y2="12" />
                </svg>
              )}
            </td>
            <td className="text-12">
              {words.list(stageName(row.stage, words), row.place === null ? '' : placeName(row.place, words))}
            </td>
            <td className="mono text-12 max-p2:hidden">{row.detector}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
