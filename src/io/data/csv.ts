/** One record of a CSV file, with the line that it begins on. */
export interface CsvRecord {
  readonly line: number
  readonly fields: readonly string[]
}

/**
 * Records of comma-separated text (RFC 4180): quoted fields may hold commas, quotes (doubled) and line ends; lines end
 * with LF or CRLF; a byte order mark is left out. Empty lines are no records. Takes text in any pieces.
 *
 * More lenient than the RFC in one thing: a quote inside an unquoted field is a quote.
 * @throws {SyntaxError} text after a closing quote, or a quote that is never closed; with the line.
 */
export async function* csvRecords(pieces: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start'
  let field = ''
  let fields: string[] = []
  let line = 1
  let begun = 1
  let first = true
  let returned = false
  const endField = () => {
    fields.push(field)
    field = ''
    state = 'start'
  }
  const endRecord = (): CsvRecord | null => {
    const blank = fields.length === 0 && field === '' && state === 'start'
    endField()
    const record = { line: begun, fields }
    fields = []
    return blank ? null : record
  }
  for await (const piece of pieces) {
    for (const character of first ? piece.replace(/^\ufeff/, '') : piece) {
      if (state === 'quoted') {
        if (character === '"') state = 'closed'
        else field += character
        if (character === '\n') line++
        continue
      }
      // A return that no line feed follows was text.
      if (returned && character !== '\n') {
        if (state === 'closed') throw new SyntaxError(`line ${line}: text after a closing quote`)
        field += '\r'
        state = 'plain'
      }
      returned = character === '\r'
      if (returned) continue
      if (character === '"' && state === 'closed') {
        field += '"'
        state = 'quoted'
      } else if (character === '"' && state === 'start' && field === '') state = 'quoted'
      else if (character === ',') endField()
      else if (character === '\n') {
        const record = endRecord()
        line++
        begun = line
        if (record !== null) yield record
      } else {
        if (state === 'closed') throw new SyntaxError(`line ${line}: text after a closing quote`)
        field += character
        state = 'plain'
      }
    }
    if (piece !== '') first = false
  }
  if (state === 'quoted') throw new SyntaxError(`line ${begun}: a quote is never closed`)
  const record = endRecord()
  if (record !== null) yield record
}
