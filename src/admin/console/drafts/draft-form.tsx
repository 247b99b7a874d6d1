import { useId } from 'react'
import { CATEGORIES } from '../../../core/base/harm.ts'
import type { Policy } from '../../../core/policy/policy.ts'
import { Seg } from '../parts/seg.tsx'
import { useWords } from '../words.tsx'
import { ACTS, type DraftForm, KINDS, LINE_STAGES, LINES, linesOf, RULE_STAGES } from './draft.ts'

interface DraftFieldsProps {
  readonly form: DraftForm
  /** What decides now; undefined before it is known. */
  readonly policy: Policy | undefined
  onForm(form: DraftForm): void
}

/** A phrase, a pattern or a threshold, and what it would do. */
export function DraftFields({ form, policy, onForm }: DraftFieldsProps) {
  const words = useWords()
  const { kind } = form
  const set = (more: Partial<DraftForm>) => onForm({ ...form, ...more })
  return (
    <form className="grid gap-3" onSubmit={(event) => event.preventDefault()}>
      <Seg
        label={words('draft.what')}
        value={kind}
        options={KINDS.map((value) => ({ value, text: words(`draft.${value}`) }))}
        onChoose={(next) => set({ kind: next })}
      />
      {kind === 'threshold' ? null : <Lines key={kind} kind={kind} form={form} onForm={onForm} />}
      <div className="grid grid-cols-3 max-p2:grid-cols-1 gap-3">
        <Choice
          label={words('draft.category')}
          value={form.category}
          options={CATEGORIES.map((value) => ({ value, text: words.category(value) }))}
          onChoose={(category) => set({ category, lines: null })}
        />
        {kind === 'threshold' ? (
          <Choice
            label={words('draft.stage')}
            value={form.lineStage}
            options={LINE_STAGES.map((value) => ({ value, text: words(`draft.stage.${value}`) }))}
            onChoose={(lineStage) => set({ lineStage, lines: null })}
          />
        ) : (
          <>
            <Choice
              label={words('draft.action')}
              value={form.action}
              options={ACTS.map((value) => ({ value, text: words.action(value) }))}
              onChoose={(action) => set({ action })}
            />
            <Choice
              label={words('draft.stage')}
              value={form.ruleStage}
              options={RULE_STAGES.map((value) => ({ value, text: words(`draft.stage.${value}`) }))}
              onChoose={(ruleStage) => set({ ruleStage })}
            />
          </>
        )}
      </div>
      {kind === 'threshold' && policy !== undefined ? (
        <Thresholds form={form} now={linesOf(policy, form)} onForm={onForm} />
      ) : null}
    </form>
  )
}

function Lines({
  kind,
  form,
  onForm,
}: {
  readonly kind: 'phrases' | 'patterns'
  readonly form: DraftForm
  onForm(form: DraftForm): void
}) {
  const words = useWords()
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="font-strong">
        {words(`draft.${kind}.text`)}
      </label>{' '}
      <span className="note">{words(`draft.${kind}.note`)}</span>
      <textarea
        id={id}
        rows={4}
        spellCheck={false}
        className="mono mt-1"
        value={form[kind]}
        onChange={(event) => onForm({ ...form, [kind]: event.target.value })}
      />
    </div>
  )
}

function Thresholds({
  form,
  now,
  onForm,
}: {
  readonly form: DraftForm
  readonly now: NonNullable<DraftForm['lines']>
  onForm(form: DraftForm): void
}) {
  const words = useWords()
  const id = useId()
  const lines = form.lines ?? now
  return (
    <div>
      <div className="grid grid-cols-3 gap-3">
        {LINES.map((line) => (
          <div key={line}>
            <label htmlFor={`${id}${line}`}>{words(`draft.line.${line}`)}</label>
            <input
              id={`${id}${line}`}
              className="field mt-1 num"
              type="number"
              min="0.02"
              max="1"
              step="0.01"
              value={lines[line]}
              onChange={(event) => onForm({ ...form, lines: { ...lines, [line]: event.target.value } })}
            />
          </div>
        ))}
      </div>
      <p className="caption">{words.join(words('draft.lines.now', now), words('draft.lines.order'))}</p>
    </div>
  )
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly options: readonly { readonly value: Value; readonly text: string }[]
  onChoose(value: Value): void
}

function Choice<Value extends string>({ label, value, options, onChoose }: ChoiceProps<Value>) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="font-strong">
        {label}
      </label>
      <select
        id={id}
        className="field mt-1"
        value={value}
        onChange={(event) => onChoose(options.find((one) => one.value === event.target.value)!.value)}
      >
        {options.map((one) => (
          <option key={one.value} value={one.value}>
            {one.text}
          </option>
        ))}
      </select>
    </div>
  )
}
