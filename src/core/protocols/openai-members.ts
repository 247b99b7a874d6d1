import { all, each, type Listed, listed, members, oneOf, opaque, options, silent, word } from './unlisted.ts'

/** Members of a Chat or Responses request that hold no text for a model: settings, ids, keys (openai 7, and common hosts). */

const choice = options('type', 'name', 'mode', 'tools', 'function', 'custom', 'allowed_tools', 'server_label')
const cached = options('type', 'mode', 'ttl')

/** Of the body itself, on either surface. */
const SETTINGS = {
  ...all(silent, 'model', 'metadata', 'stop', 'user', 'safety_identifier', 'prompt_cache_key'),
  ...all(word, 'service_tier', 'prompt_cache_retention', 'reasoning_effort', 'verbosity', 'modalities'),
  ...all(word, 'previous_response_id', 'include', 'truncation'),
  ...all(options(), 'stream_options', 'logit_bias'),
  ...all(choice, 'tool_choice', 'function_call'),
  access_programs: options('cyber'),
  audio: members({ format: word, voice: members({ id: word }, word) }),
  context_management: options('type'),
  conversation: members({ id: word }, word),
  image: options('context_compression'),
  moderation: options('model', 'policy', 'input', 'output', 'mode'),
  prompt_cache_options: options('mode', 'ttl', 'comparison_response_id'),
  reasoning: options('effort', 'summary', 'generate_summary', 'mode', 'context'),
  web_search_options: options('search_context_size'),
  // Not the vendor's own, but of hosts that speak its protocol.
  ...all(word, 'models', 'route', 'transforms'),
  chat_template_kwargs: options('reasoning_effort'),
  provider: options('order', 'only', 'ignore', 'quantizations', 'sort', 'data_collection'),
  thinking: options('type'),
  usage: options(),
}

/** Of a Chat body; members that are read by name among them. */
export const CHAT: Listed = listed({
  ...SETTINGS,
  ...all(silent, 'messages', 'tools', 'functions'),
  prediction: members({ type: word, content: silent }, silent),
  response_format: members({ type: word, json_schema: silent }),
})

/** Of a Responses body. */
export const RESPONSES: Listed = listed({
  ...SETTINGS,
  ...all(silent, 'input', 'instructions', 'tools', 'text'),
  prompt: members({ id: word, version: word, variables: silent }),
})

/** Of messages, of their parts, of calls and of items. */
export const INSIDE: Listed = listed({
  role: oneOf('system', 'developer', 'user', 'assistant', 'tool', 'function'),
  ...all(word, 'type', 'id', 'call_id', 'tool_call_id', 'file_id', 'status', 'phase', 'execution', 'detail', 'format'),
  ...all(opaque, 'file_data', 'file_url', 'encrypted_content'),
  ...all(cached, 'cache_control', 'prompt_cache_breakpoint'),
  acknowledged_safety_checks: each(members({ id: word, code: word })),
  audio: members({ id: word, data: opaque }),
  caller: members({ type: word, caller_id: word }),
  image_url: members({ url: opaque, detail: word }, opaque),
  input_audio: members({ data: opaque, format: word }, opaque),
  reasoning_details: each(members({ type: word, id: word, format: word, signature: word, data: opaque })),
})

/** Of one tool call. */
export const CALL: Listed = listed({
  ...all(word, 'id', 'type'),
  ...all(members(all(silent, 'name', 'arguments', 'input')), 'function', 'custom'),
  extra_content: members({ google: members({ thought_signature: word }) }),
})

/** Of a drawn image in the history. */
export const DRAWN: Listed = listed({
  ...all(word, 'type', 'id', 'status', 'action', 'background', 'output_format', 'quality', 'size'),
  result: opaque,
  svg_usage: options('model'),
})
