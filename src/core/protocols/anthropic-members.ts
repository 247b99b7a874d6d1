import { all, each, type Listed, listed, members, oneOf, opaque, options, silent, word } from './unlisted.ts'

/** Members of a Messages request that hold no text for a model: settings, ids, keys (@anthropic-ai/sdk 1.12, all betas). */

const THINKING = ['type', 'display', 'block_binding', 'prefix_mismatch_behavior']

/** Of the body itself; members that are read by name among them. */
export const OPTIONS: Listed = listed({
  ...all(silent, 'messages', 'system', 'tools', 'output_format', 'compaction'),
  ...all(silent, 'model', 'metadata', 'stop_sequences'),
  ...all(word, 'service_tier', 'inference_geo', 'speed', 'user_profile_id'),
  cache_control: options('type', 'ttl', 'scope'),
  billing_policy: options('type', 'bill_to'),
  container: options('id', 'skills', 'type', 'skill_id', 'version'),
  context_management: members({
    edits: each(
      members({
        ...all(word, 'type', 'exclude_tools', 'clear_tool_inputs'),
        ...all(options('type'), 'trigger', 'keep', 'clear_at_least'),
        instructions: silent,
      }),
    ),
  }),
  diagnostics: options('previous_message_id'),
  fallback_credit_token: options('token', 'mode'),
  fallbacks: options('model', 'output_config', 'effort', 'task_budget', 'speed', 'thinking', ...THINKING),
  mcp_servers: each(
    members({
      ...all(word, 'type', 'name'),
      // The token is a secret of the caller's.
      ...all(opaque, 'url', 'authorization_token'),
      tool_configuration: options('allowed_tools'),
    }),
  ),
  output_config: members({ effort: word, format: silent, task_budget: options('type') }),
  thinking: options(...THINKING),
  thread: options('type', 'previous_message_id'),
  tool_choice: options('type', 'name'),
  // Where the same body is sent to other hosts of these models.
  ...all(word, 'anthropic_beta', 'anthropic_version', 'betas'),
})

/** Of messages and of their blocks. */
export const INSIDE: Listed = listed({
  role: oneOf('user', 'assistant', 'system'),
  ...all(word, 'type', 'id', 'tool_use_id', 'file_id', 'signature', 'clear_at', 'retrieved_at'),
  cache_control: options('type', 'ttl', 'scope'),
  caller: options('type', 'tool_id'),
  citations: options(),
  output_config: options('effort'),
  transformations: options('oversized_image'),
})

/** Of what a document or an image is made of. */
export const SOURCE: Listed = listed({
  ...all(word, 'type', 'media_type', 'file_id'),
  url: opaque,
})
