import type { RequestEdits } from './adapter.ts'
import { hopEdits, ownCredit } from './anthropic-fallback.ts'
import { type JsonDocument, replaceTopLevel } from './json.ts'
import { elementsAt, membersAt, type Slice, skipBlanks } from './json-edit.ts'
import { isRecord, type Json, records, stringOr } from './values.ts'

/** The edits that wire.md §2 permits on a Messages request; whatever they do not name keeps its exact bytes. */
export function editMessages(document: JsonDocument, { hop, prefill, stripFallbackBlocks }: RequestEdits): string {
  const { value } = document
  const own = { set: {}, remove: ownCredit(value) === null ? [] : ['fallback_credit_token'] }
  const { set, remove } = hop === null ? own : hopEdits(value, hop.model, hop.overrides)
  const raw: Record<string, string> = {}
  if (prefill !== null || stripFallbackBlocks) {
    const list = stripFallbackBlocks ? withoutFallbackBlocks(document) : rawMessages(document)
    const turn = prefill === null ? [] : [JSON.stringify({ role: 'assistant', content: prefill })]
    raw.messages = `[${[...list, ...turn].join(',')}]`
  }
  return replaceTopLevel(document, { set, remove, raw })
}

export function hasFallbackBlocks({ value }: JsonDocument): boolean {
  return records(value.messages).some(({ content }) => records(content).some(isFallback))
}

function rawMessages(document: JsonDocument): string[] {
  const { text } = document
  const at = valueAt(text, skipBlanks(text, 0), 'messages')
  return elementsAt(text, at).map(({ start, end }) => text.slice(start, end))
}

/**
 * The messages without `fallback` blocks, and without what the vendor drops before the last one of a message: thinking,
 * and calls of tools that no later message answers. A message that is left empty goes whole.
 */
function withoutFallbackBlocks(document: JsonDocument): string[] {
  const messages = records(document.value.messages)
  return rawMessages(document).flatMap((raw, i) => {
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
