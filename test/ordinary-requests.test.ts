import type { BetaContentBlockParam, MessageCreateParams } from '@anthropic-ai/sdk/resources/beta/messages'
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions'
import type { ResponseCreateParams } from 'openai/resources/responses/responses'
import { expect, test } from 'vitest'
import { adapterFor } from '../src/core/protocols/adapters.ts'
import { readJson } from '../src/core/protocols/json.ts'

/** Requests with every setting that the vendors document: none of them is a text, for a short odd text costs a second look. */

const chat: ChatCompletionCreateParams = {
  model: 'gpt-5.5',
  ...{ audio: { format: 'wav', voice: { id: 'voice_1234' } }, modalities: ['text', 'audio'] },
  ...{ frequency_penalty: 0, presence_penalty: 0, temperature: 1, top_p: 1, seed: 7, n: 1 },
  function_call: { name: 'read' },
  logit_bias: { '50256': -100 },
  ...{ logprobs: true, top_logprobs: 3, max_completion_tokens: 9, max_tokens: 9 },
  metadata: { ticket: 'a note of the caller' },
  moderation: { model: 'omni-moderation-latest', policy: { input: { mode: 'score' }, output: { mode: 'block' } } },
  parallel_tool_calls: true,
  ...{ prompt_cache_key: 'a key', prompt_cache_options: { mode: 'explicit', ttl: '30m' } },
  prompt_cache_retention: '24h',
  ...{ reasoning_effort: 'high', verbosity: 'low', service_tier: 'priority', store: true, stream: true },
  response_format: { type: 'json_object' },
  ...{ safety_identifier: 'somebody', user: 'somebody' },
  stop: ['\n\nHuman:', 'the end'],
  stream_options: { include_usage: true, include_obfuscation: false },
  tool_choice: {
    type: 'allowed_tools',
    allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'read' } }] },
  },
  tools: [{ type: 'function', function: { name: 'read', strict: true, parameters: {} } }],
  web_search_options: { search_context_size: 'medium' },
  messages: [
    { role: 'developer', content: 'be brief', name: 'ops' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'look', prompt_cache_breakpoint: { mode: 'explicit' } },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,eA==', detail: 'high' } },
        { type: 'input_audio', input_audio: { data: 'eA==', format: 'wav' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,eA==', file_id: 'file-1' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      refusal: null,
      audio: { id: 'audio_1' },
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'read', arguments: '{"a":1}' } },
        { id: 'call_2', type: 'custom', custom: { name: 'run', input: 'x' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'done' },
  ],
}

const responses: ResponseCreateParams = {
  model: 'gpt-5.5',
  access_programs: { cyber: 'standard' },
  ...{ background: false, max_output_tokens: 9, max_tool_calls: 3, parallel_tool_calls: true, store: true },
  context_management: [{ type: 'compaction', compact_threshold: 1000 }],
  image: { context_compression: 'auto' },
  include: ['web_search_call.action.sources', 'reasoning.encrypted_content'],
  metadata: { ticket: 'a note of the caller' },
  moderation: { model: 'omni-moderation-latest', policy: { input: { mode: 'score' } } },
  ...{ prompt_cache_key: 'a key', prompt_cache_retention: 'in_memory' },
  prompt_cache_options: { mode: 'implicit', ttl: '30m', comparison_response_id: 'resp_0', prewarm: true },
  reasoning: { effort: 'high', summary: 'auto', generate_summary: 'concise', mode: 'pro', context: 'all_turns' },
  ...{ safety_identifier: 'somebody', user: 'somebody', service_tier: 'flex', truncation: 'auto' },
  ...{ stream: true, stream_options: { include_obfuscation: true }, temperature: 1, top_logprobs: 2, top_p: 1 },
  tool_choice: { type: 'mcp', server_label: 'docs', name: 'find' },
  input: [
    {
      type: 'message',
      role: 'user',
      status: 'completed',
      content: [
        { type: 'input_text', text: 'look', prompt_cache_breakpoint: { mode: 'explicit' } },
        { type: 'input_image', detail: 'original', image_url: 'https://a.example/a b.png', file_id: 'file-1' },
        { type: 'input_file', detail: 'low', filename: 'a.pdf', file_url: 'https://a.example/a b.pdf' },
      ],
    },
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'thought' }], status: 'completed' },
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      phase: 'commentary',
      status: 'completed',
      content: [{ type: 'output_text', text: 'fine', annotations: [], logprobs: [] }],
    },
    {
      type: 'function_call',
      ...{ id: 'fc_1', call_id: 'call_1|fc_1', status: 'completed', async: false },
      caller: { type: 'program', caller_id: 'prog_1' },
      ...{ name: 'read', arguments: '{"a":"b"}' },
    },
    {
      type: 'function_call_output',
      ...{ id: 'fco_1', call_id: 'call_1|fc_1', status: 'completed', output: 'done' },
      caller: { type: 'direct' },
    },
    {
      type: 'image_generation_call',
      ...{ id: 'ig_1', status: 'completed', result: 'eA==', action: 'generate', background: 'auto' },
      ...{ output_format: 'png', quality: 'high', size: '1024x1024' },
    },
    { type: 'item_reference', id: 'msg_0' },
  ],
}

const cache_control = { type: 'ephemeral', ttl: '1h' } as const
const shown: BetaContentBlockParam[] = [
  { type: 'text', text: 'look', cache_control },
  {
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data: 'eA==' },
    transformations: { oversized_image: 'downsize' },
    cache_control,
  },
  { type: 'image', source: { type: 'url', url: 'https://a.example/a b.png' } },
  {
    type: 'document',
    source: { type: 'text', media_type: 'text/plain', data: 'page' },
    ...{ title: 'a', context: 'b', citations: { enabled: true }, cache_control },
  },
  { type: 'document', source: { type: 'file', file_id: 'file_1' } },
  {
    type: 'search_result',
    ...{ title: 'c', source: 'd', citations: { enabled: true }, cache_control },
    content: [{ type: 'text', text: 'hit' }],
  },
  { type: 'container_upload', file_id: 'file_2', cache_control },
]
const messages: MessageCreateParams = {
  model: 'claude-fable-5',
  ...{ max_tokens: 9, stream: true, temperature: 1, top_k: 5, top_p: 1 },
  billing_policy: { type: 'billing_policy', bill_to: 'self' },
  cache_control,
  container: { id: 'container_1', skills: [{ type: 'anthropic', skill_id: 'pptx', version: 'latest' }] },
  context_management: {
    edits: [
      {
        type: 'clear_tool_uses_20250919',
        ...{ trigger: { type: 'input_tokens', value: 9 }, keep: { type: 'tool_uses', value: 3 } },
        ...{ clear_at_least: { type: 'input_tokens', value: 5 }, exclude_tools: ['read'], clear_tool_inputs: ['run'] },
      },
      { type: 'clear_thinking_20251015', keep: 'all' },
      { type: 'compact_20260112', pause_after_compaction: true },
    ],
  },
  diagnostics: { previous_message_id: 'msg_0' },
  fallback_credit_token: { token: 'credit_1', mode: 'best_effort' },
  fallbacks: [
    {
      ...{ model: 'claude-opus-4-8', max_tokens: 5, speed: 'standard', thinking: { type: 'adaptive' } },
      output_config: { effort: 'low' },
    },
  ],
  inference_geo: 'us',
  mcp_servers: [
    {
      ...{ type: 'url', name: 'docs', url: 'https://a.example/sse', authorization_token: 'secret of the caller' },
      tool_configuration: { allowed_tools: ['find'], enabled: true },
    },
  ],
  metadata: { user_id: 'somebody' },
  output_config: { effort: 'high', task_budget: { type: 'tokens', total: 9 } },
  ...{ service_tier: 'auto', speed: 'fast', stop_sequences: ['the end'] },
  thinking: { type: 'enabled', budget_tokens: 1024, display: 'summarized' },
  thread: { type: 'create' },
  tool_choice: { type: 'tool', name: 'read', disable_parallel_tool_use: true },
  messages: [
    { role: 'user', content: shown },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'thought', signature: 'EqQB+/==' },
        { type: 'redacted_thinking', data: 'EmwKAhgB' },
        { type: 'tool_use', id: 'toolu_1', name: 'read', input: { a: 'b' }, caller: { type: 'direct' }, cache_control },
      ],
    },
    { role: 'system', content: 'be brief', clear_at: 'never', output_config: { effort: 'low' } },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'toolu_1', is_error: false, content: 'done', cache_control }],
    },
  ],
}

const PARTS: readonly [path: string, body: object, parts: readonly string[]][] = [
  [
    '/v1/chat/completions',
    chat,
    [
      ...['system: be brief', 'system: ops', 'user: look', 'image is image', 'user is audio'],
      ...['document: a.pdf', 'document is file', 'assistant is audio', 'assistant: read\na', 'assistant: run\nx'],
      ...['tool_result: done', 'tool_definition: type\nfunction\nfunction\nname\nread\nstrict\nparameters'],
    ],
  ],
  [
    '/v1/responses',
    responses,
    [
      ...['user: look', 'image is image', 'document: a.pdf', 'document is file', 'assistant: thought'],
      ...['assistant: fine', 'assistant: read\na\nb', 'tool_result: done', 'assistant is image'],
      'assistant is stored_history',
    ],
  ],
  [
    '/v1/messages',
    messages,
    [
      ...['user: look', 'image is image', 'image is image', 'document: a\nb', 'document: page', 'document is document'],
      ...['document: c\nd', 'document: hit', 'document is file', 'assistant: thought', 'assistant is encrypted'],
      ...['assistant: read\na\nb', 'system: be brief', 'tool_result: done'],
    ],
  ],
]

test.each(PARTS)('GW-21: %s: settings, ids and keys of an ordinary request are no text', (path, body, parts) => {
  const { turns } = adapterFor(path)!.decode(readJson(JSON.stringify(body)), () => undefined)
  const found = turns.flatMap((turn) => turn.parts)
  expect(
    found.map((part) => (part.kind === 'text' ? `${part.place}: ${part.text}` : `${part.place} is ${part.media}`)),
  ).toEqual(parts)
})
