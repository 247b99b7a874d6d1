interface SegProps<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly options: readonly { readonly value: Value; readonly text: string; readonly lang?: string }[]
  readonly className?: string
  onChoose(value: Value): void
}

/** One of a few, side by side. */
export function Seg<Value extends string>({ label, value, options, className = '', onChoose }: SegProps<Value>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a legend that this row of switches does not show
    <span className={`seg ${className}`} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          lang={option.lang}
          aria-pressed={option.value === value}
          onClick={() => onChoose(option.value)}
        >
          {option.text}
        </button>
      ))}
    </span>
  )
}
