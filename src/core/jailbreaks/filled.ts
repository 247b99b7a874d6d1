/** A catalogue's entry with its `{name}` slots filled. A slot without a value is a bug of the caller, and throws. */
export function filled(key: string, text: string, slots: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = slots[name]
    if (value === undefined) throw new Error(`${key}: no value for {${name}}`)
    return String(value)
  })
}
