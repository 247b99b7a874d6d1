/**
 * Base of every error a room throws on purpose. Branch on `code`, never on text.
 *
 * The message is lower case, names the field, says what was wanted, and never carries conversation text.
 */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}
