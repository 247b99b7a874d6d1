/** Text as it may stand in HTML, also inside a quoted attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A position or length in per cent, so that plots stretch and type does not. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`
}

/** A section that hangs from a rule; the note stands under its heading. */
export function section(heading: string, note: string, body: string): string {
  const under = note === '' ? '' : `<p class="note">${escaped(note)}</p>`
  return `<section><h2>${escaped(heading)}</h2>${under}${body}</section>`
}

/** A table with heads; on narrow screens each row becomes a list. @param cells HTML; the first column is the row's head. */
export function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((one, i) => `<th scope="col"${i === 0 ? '' : ' class="r"'}>${escaped(one)}</th>`).join('')
  const body = rows
    .map(
      ([first, ...rest]) =>
        `<tr><th scope="row">${first}</th>${rest.map((cell, i) => `<td class="r" data-head="${escaped(heads[i + 1] ?? '')}">${cell}</td>`).join('')}</tr>`,
    )
    .join('\n')
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`
}

/** A figure with what belongs to it under it, small. */
export function figureCell(figure: string, under: string): string {
  return `<b>${escaped(figure)}</b><small>${escaped(under)}</small>`
}
