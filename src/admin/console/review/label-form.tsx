import { type FormEvent, type RefObject, useId } from 'react'
import { CATEGORIES } from '../../../core/base/harm.ts'
import { REVIEW_LABELS, type ReviewLabel } from '../../../core/safeguards/review-label.ts'
import { useWords } from '../words.tsx'

interface LabelFormProps {
  readonly reason: string
  readonly category: string
  readonly disabled: boolean
  /** A label that waits for its reason. */
  readonly wanted: ReviewLabel | null
  readonly reasonRef: RefObject<HTMLInputElement | null>
  onReason(reason: string): void
  onCategory(category: string): void
  onLabel(label: ReviewLabel): void
}

/** Four labels by digit, the reason they need, and what a harmful one is harmful as. */
export function LabelForm(props: LabelFormProps) {
  const words = useWords()
  const [reasonId, categoryId] = [useId(), useId()]
  const { reason, category, disabled, wanted, reasonRef, onReason, onCategory, onLabel } = props
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (wanted !== null) onLabel(wanted)
  }
  return (
    <form onSubmit={onSubmit}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a legend that these buttons do not show */}
      <div className="choices" role="group" aria-label={words('review.labels')}>
        {REVIEW_LABELS.map((label, i) => (
          <button key={label} type="button" className="btn" disabled={disabled} onClick={() => onLabel(label)}>
            <kbd>{i + 1}</kbd>
            <span>{words(`review.label.${label}`)}</span>
          </button>
        ))}
      </div>
      <div className="grid grid-cols-[2fr_1fr] max-p2:grid-cols-1 gap-3 mt-3">
        <div>
          <label htmlFor={reasonId} className="font-strong">
            {words('review.reason')}
          </label>{' '}
          <span className="note">{words('review.reason.note')}</span>
          <input
            id={reasonId}
            ref={reasonRef}
            className="field mt-1"
            maxLength={2000}
            autoComplete="off"
            value={reason}
            onChange={(event) => onReason(event.target.value)}
          />
        </div>
        <div>
          <label htmlFor={categoryId} className="font-strong">
            {words('review.category')}
          </label>
          <select
            id={categoryId}
            className="field mt-1"
            value={category}
            onChange={(event) => onCategory(event.target.value)}
          >
            <option value="none">{words('review.category.none')}</option>
            {CATEGORIES.map((one) => (
              <option key={one} value={one}>
                {words.category(one)}
              </option>
            ))}
          </select>
        </div>
      </div>
      {wanted === null ? null : (
        <p className="note mt-1" role="status">
          {words('review.reason.need', { label: words(`review.label.${wanted}`) })}
        </p>
      )}
    </form>
  )
}
