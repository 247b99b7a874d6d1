import { type JsonDocument, objectIn, readJson, replaceIn, replaceTopLevel } from './json.ts'
import { withoutSluice } from './sluice-member.ts'
import { stringOr } from './values.ts'

/** One line of a batch's results. */
export interface BatchResult {
  readonly customId: string
  /** `succeeded`, `errored`, `canceled`, `expired`, or a word we do not know. */
  readonly type: string
  /** What a model answered; null where none did. */
  readonly message: JsonDocument | null
  readonly line: JsonDocument
}

/** @throws {ProtocolError} the line is not the result of an item. */
export function readResult(text: string): BatchResult {
  const line = readJson(text)
  const result = objectIn(line, 'result')
  const message = result === null ? null : objectIn(result, 'message')
  return { customId: stringOr(line.value.custom_id, ''), type: stringOr(result?.value.type, ''), message, line }
}

/** The same line with another message in it; everything else keeps its bytes. */
export function withMessage({ line }: BatchResult, message: string): string {
  return replaceTopLevel(line, { raw: { result: replaceIn(line, 'result', { raw: { message } }) } })
}

/** The result without what an upstream says in our name. @returns the text itself where there is nothing of the kind. */
export function resultWithoutSluice(result: BatchResult): string {
  const { line, message } = result
  const clean = message === null ? '' : withoutSluice(message.text)
  const text = message === null || clean === message.text ? line.text : withMessage(result, clean)
  return withoutSluice(text)
}

/** A result of our own, without a line end. @param message JSON text of a refusal. */
export function succeededLine(customId: string, message: string): string {
  return `{"custom_id":${JSON.stringify(customId)},"result":{"type":"succeeded","message":${message}}}`
}

/** The same for an item that ended in an error. @param error JSON text of an error in the vendor's envelope. */
export function erroredLine(customId: string, error: string): string {
  return `{"custom_id":${JSON.stringify(customId)},"result":{"type":"errored","error":${error}}}`
}
