import type { RequestEdits } from './adapter.ts'
import { hopEdits, ownCredit, takesPrefill } from './anthropic-fallback.ts'
import { elementsIn, type JsonDocument, replaceTopLevel } from './json.ts'
import { elementsAt, membersAt, type Slice } from './json-edit.ts'
import { isRecord, type Json, records, stringOr } from './values.ts'

/** The edits that wire.md §2 permits on a Messages request; whatever they do not name keeps its exact bytes. */
export function editMessages(document: JsonDocument, { hop, prefill, stripFallbackBlocks }: RequestEdits): string {
  const { value } = document
  const own = { set: {}, raw: {}, remove: ownCredit(value) === null ? [] : ['fallback_credit_token'] }
  const { set, raw, remove } = hop === null ? own : hopEdits(document, hop.model, hop.overrides)
  // The vendor takes neither an empty turn nor one that ends in a blank.
  const said = prefill?.trimEnd() ?? ''
  const continues = said !== '' && takesPrefill(value, hop?.overrides ?? {})
  if (!continues && !stripFallbackBlocks) return replaceTopLevel(document, { set, remove, raw })
  const list = stripFallbackBlocks ? withoutFallbackBlocks(document) : elementsIn(document, 'messages')
  const turn = continues ? [JSON.stringify({ role: 'assistant', content: said })] : []
  return replaceTopLevel(document, { set, remove, raw: { ...raw, messages: `[${[...list, ...turn].join(',')}]` } })
}

export function hasFallbackBlocks({ value }: JsonDocument): boolean {
  return records(value.messages).some(({ content }) => records(content).some(isFallback))
}

/**
 * The messages without `fallback` blocks, and without what the vendor drops before the last one of a message: thinking,
 * and calls of tools that no later message answers. A message that is left empty goes whole.
 */
function withoutFallbackBlocks(document: JsonDocument): string[] {
  const messages = records(document.value.messages)
  return elementsIn(document, 'messages').flatMap((raw, i) => {
    const content = messages[i]?.content
    const blocks = Array.isArray(content) ? (content as unknown[]) : []
    const last = blocks.findLastIndex((block) => isRecord(block) && isFallback(block))
    if (last < 0) return [raw]
    const answered = answeredCalls(messages[i + 1])
    const drops = (block: unknown, at: number) =>
      isRecord(block) && (isFallback(block) || (at < last && isDropped(block, answered)))
    const at = valueAt(raw, 0, 'content')
    const slices = elementsAt(raw, at)
    const kept = slices.filter((_, n) => !drops(blocks[n], n))
    return kept.length === 0 ? [] : [withElements(raw, at, slices, kept)]
  })
}

function withElements(raw: string, at: number, slices: readonly Slice[], kept: readonly Slice[]): string {
  const close = raw.indexOf(']', slices.at(-1)!.end)
  return `${raw.slice(0, at)}[${kept.map(({ start, end }) => raw.slice(start, end)).join(',')}${raw.slice(close)}`
}

function valueAt(text: string, at: number, name: string): number {
  return membersAt(text, at).find((member) => member.name === name)?.valueStart ?? text.length
}

function isFallback({ type }: Json): boolean {
  return type === 'fallback'
}

function isDropped({ type, id }: Json, answered: ReadonlySet<string>): boolean {
  if (type === 'thinking' || type === 'redacted_thinking' || type === 'connector_text') return true
  return type === 'tool_use' && !answered.has(stringOr(id, ''))
}

function answeredCalls(next: Json | undefined): ReadonlySet<string> {
  const results = records(next?.content).filter(({ type }) => type === 'tool_result')
  return new Set(results.map(({ tool_use_id }) => stringOr(tool_use_id, '')))
}
