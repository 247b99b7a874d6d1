/** The neutral form of a request with its answer: what every wire format decodes to and every detector reads. */

/** Which endpoint was called: three that a model answers, two where Sluice is asked for a verdict alone. */
export type Surface = 'messages' | 'chat' | 'responses' | 'moderations' | 'hooks'
export type Dialect = 'anthropic' | 'openai'

export type Role = 'system' | 'user' | 'assistant' | 'tool'

/**
 * Who vouches for a part. `system`: the operator of the calling application. `user`: the person asking.
 * `untrusted`: anything that merely passed through: tool results, documents, tool definitions, and assistant turns of
 * the history, which a caller can forge.
 */
export type Trust = 'system' | 'user' | 'untrusted'

/** Where in a request a part stands; a value of the wire (`sluice.where[].part`). */
export type PartKind = 'system' | 'user' | 'assistant' | 'tool_result' | 'tool_definition' | 'document' | 'image'

export interface TextPart {
  readonly kind: 'text'
  readonly place: PartKind
  readonly trust: Trust
  readonly text: string
}

/** A part no detector of ours can read. It stays in place, so that policy sees what was not seen. */
export interface UninspectedPart {
  readonly kind: 'uninspected'
  readonly place: PartKind
  readonly trust: Trust
  /** What it is, from a closed or sanitised vocabulary: `image`, `audio`, `file`, `unknown`. Never content. */
  readonly media: string
}

export type Part = TextPart | UninspectedPart

export interface Turn {
  readonly role: Role
  readonly parts: readonly Part[]
}

/** A request, decoded. */
export interface Exchange {
  readonly surface: Surface
  /** As the caller wrote it. */
  readonly model: string
  readonly stream: boolean
  readonly turns: readonly Turn[]
  /**
   * Index of the first turn that is new: everything after the last assistant turn of the history (assistant turns at the
   * end, a prefill, are new as well). What stood before was decided when it was new.
   */
  readonly newestFrom: number
  readonly maxOutputTokens: number | null
  /** Conversation key named by the client, or null. Consumed for display, never trusted. */
  readonly session: string | null
  /** End customer named natively (`metadata.user_id`, `safety_identifier`, …), or null. */
  readonly customer: string | null
  /** Caller's features that change the shape of an answer. */
  readonly wants: Wants
  /** What the caller says about being served by another model. */
  readonly fallback: FallbackWish
  /** Our own scores that the caller wants beside the answer (wire.md §9); absent for nearly all. */
  readonly moderation?: ModerationWish
  /** A fallback credit token of our own that came with the request (wire.md §7), or null. */
  readonly credit: CreditOffer | null
}

/** For each side: only scores, or a refusal too where something is found. */
export interface ModerationWish {
  readonly input: 'score' | 'block'
  readonly output: 'score' | 'block'
}

/** Which models a caller lets answer instead of the one it named, and who is to ask them (wire.md §6.1). */
export type FallbackWish =
  /** Says nothing: the operator's policy decides. */
  | { readonly kind: 'none' }
  /** Its own list, in order. */
  | { readonly kind: 'list'; readonly entries: readonly FallbackEntry[] }
  /** The safeguard's own target. */
  | { readonly kind: 'default' }
  /** Its client asks again by itself, and wants a token for it. */
  | { readonly kind: 'caller' }

export interface FallbackEntry {
  readonly model: string
  /** Members of the request that this model is asked with instead: `max_tokens`, `thinking`, `output_config`, `speed`. */
  readonly overrides: Readonly<Record<string, unknown>>
}

export interface CreditOffer {
  readonly token: string
  /** `strict`: a token that does not fit is an error; `best_effort`: the request is served without it. */
  readonly mode: 'strict' | 'best_effort'
}

export interface Wants {
  /** The `fallback` block parses: beta `server-side-fallback-*`. */
  readonly fallbackBlock: boolean
  /** The three fallback members of `stop_details` may be sent: that beta, or `fallback-credit-*`. */
  readonly fallbackMembers: boolean
  /** `response_format.type` is `json_schema` (Chat). */
  readonly jsonSchema: boolean
  /** `stream_options.include_usage` (Chat). */
  readonly includeUsage: boolean
  /** Number of choices (Chat `n`), at least 1. */
  readonly choices: number
  /** The answer has a fixed shape (output format, forced tool): it cannot be continued from a part of it. */
  readonly fixedShape: boolean
}

/** What a vendor names with a refusal of its own (wire.md §4): Anthropic's closed set. */
export const VENDOR_CATEGORIES = ['cyber', 'bio', 'general_harms', 'frontier_llm', 'reasoning_extraction'] as const
export type VendorCategory = (typeof VENDOR_CATEGORIES)[number]

/** Tokens as the upstream reported them; null where it said nothing. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  /** Output tokens are a floor, one for four characters: the answer broke off before the upstream counted them. */
  readonly estimated?: true
}

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }

/** What a text asks for that came on no conversation surface: no form of answer, no fallback, no customer. */
export const NOTHING_WANTED: Pick<Exchange, 'maxOutputTokens' | 'customer' | 'wants' | 'fallback' | 'credit'> = {
  maxOutputTokens: null,
  customer: null,
  wants: {
    fallbackBlock: false,
    fallbackMembers: false,
    jsonSchema: false,
    includeUsage: false,
    choices: 1,
    fixedShape: true,
  },
  fallback: { kind: 'none' },
  credit: null,
}
