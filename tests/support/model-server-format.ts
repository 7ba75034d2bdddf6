/** OpenAI's forms: what a chat completion looks like, whole and in chunks, and what is said to a wrong request. */

/** What a model says. The finish reason follows from it unless it is told. */
export interface ModelReply {
  text?: string;
  /** An answer to `response_format`, said as text. */
  json?: unknown;
  calls?: { name: string; input: unknown }[];
  /** The model's own words of refusal, in place of text. */
  refusal?: string;
  finish?: 'stop' | 'length' | 'content_filter' | 'tool_calls';
}

const head = (object: string, model: string) => ({
  id: 'chatcmpl-1',
  object,
  created: 1_790_000_000,
  model,
  system_fingerprint: 'fp_1',
});

const usage = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0 },
};

const textOf = ({ text, json }: ModelReply): string | undefined => (json === undefined ? text : JSON.stringify(json));
const argumentsOf = (input: unknown): string => (typeof input === 'string' ? input : JSON.stringify(input));
const finishOf = ({ finish, calls }: ModelReply): string => finish ?? (calls?.length ? 'tool_calls' : 'stop');

/** Each call has an id of its own within a conversation, as the model's have. */
const callId = (body: { messages: unknown[] }, i: number) => `call_${body.messages.length}_${i}`;

interface Body {
  model: string;
  messages: unknown[];
  stream_options?: { include_usage?: boolean };
}

export function toCompletion(reply: ModelReply, body: Body): object {
  const { calls, refusal = null } = reply;
  const toolCalls = calls?.map(({ name, input }, i) => ({
    id: callId(body, i),
    type: 'function',
    function: { name, arguments: argumentsOf(input) },
  }));
  const message = {
    role: 'assistant',
    content: textOf(reply) ?? null,
    refusal,
    annotations: [],
    ...(toolCalls && { tool_calls: toolCalls }),
  };
  return {
    ...head('chat.completion', body.model),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(reply) }],
    usage,
  };
}

const pieces = (text: string) => text.match(/.{1,7}/gsu) ?? [];

/** A reply in chunks: those before the first token, one a token or a piece of arguments, and those after the last one. */
export function createChunks(reply: ModelReply, { body, isAzure }: { body: Body; isAzure: boolean }) {
  const chunk = (delta: object, finish: string | null = null) => ({
    ...head('chat.completion.chunk', body.model),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  const call = (index: number, part: object) => chunk({ tool_calls: [{ index, ...part }] });
  const opening = chunk({ role: 'assistant', content: reply.calls ? null : '', refusal: null });
  const filtered = {
    ...{ choices: [], created: 0, id: '', model: '', object: '' },
    prompt_filter_results: [
      { prompt_index: 0, content_filter_results: { hate: { filtered: false, severity: 'safe' } } },
    ],
  };
  const tokens = [
    ...(textOf(reply)?.match(/\s*\S+\s*$|\s*\S+|\s+$/g) ?? []).map((content) => chunk({ content })),
    ...(reply.refusal?.match(/\s*\S+/g) ?? []).map((refusal) => chunk({ refusal })),
    ...(reply.calls ?? []).flatMap(({ name, input }, i) => [
      call(i, { id: callId(body, i), type: 'function', function: { name, arguments: '' } }),
      ...pieces(argumentsOf(input)).map((piece) => call(i, { function: { arguments: piece } })),
    ]),
  ];
  const counted = { ...head('chat.completion.chunk', body.model), choices: [], usage };
  return {
    opening: [...(isAzure ? [filtered] : []), opening],
    tokens,
    closing: [chunk({}, finishOf(reply)), ...(body.stream_options?.include_usage ? [counted] : [])],
  };
}

const invalid = (message: string, param: string | null = null, code: string | null = null) => ({
  message,
  type: 'invalid_request_error',
  param,
  code,
});

export const invalidKey = (isAzure: boolean): object =>
  isAzure
    ? { code: '401', message: 'Access denied due to invalid subscription key or wrong API endpoint.' }
    : invalid('Incorrect API key provided: sk-*****.', null, 'invalid_api_key');

/** What is said with a status; as vendors do, it quotes what was `sent`. */
export function statusError(status: number, code: string | null = null, sent = ''): object {
  if (code === 'content_filter')
    return {
      ...invalid(
        `The response was filtered due to the prompt triggering content management policy: ${sent}`,
        'prompt',
        code,
      ),
      status,
      innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: {} },
    };
  if (status === 429)
    return { ...invalid(`Rate limit reached: ${sent}`, null, 'rate_limit_exceeded'), type: 'requests' };
  if (status >= 500)
    return { ...invalid(`The server had an error while processing your request: ${sent}`), type: 'server_error' };
  return invalid(`The request is not valid: ${sent}`, null, code);
}

/** What is wrong with a request, as OpenAI says it; null where nothing is. */
// biome-ignore lint/suspicious/noExplicitAny: what a client sends is looked at field by field.
export function misuseOf(body: any, model: string): { status: number; error: object } | null {
  const bad = (message: string, param: string) => ({ status: 400, error: invalid(message, param) });
  if (body.model !== model)
    return { status: 404, error: invalid('The model does not exist.', 'model', 'model_not_found') };
  if (!Array.isArray(body.messages) || body.messages.length === 0) return bad('messages is required.', 'messages');
  let open = new Set<string>();
  for (const { role, content, tool_calls, tool_call_id } of body.messages) {
    if (!['system', 'developer', 'user', 'assistant', 'tool'].includes(role)) return bad('Invalid role.', 'messages');
    if (role === 'tool' && !open.delete(tool_call_id))
      return bad("Messages with role 'tool' must be a response to a preceding message with 'tool_calls'.", 'messages');
    if (role !== 'tool' && open.size > 0)
      return bad("An assistant message with 'tool_calls' must be followed by tool messages.", 'messages');
    if (role !== 'assistant' && (content === undefined || content === null))
      return bad('content is required.', 'messages');
    if (tool_calls) open = new Set(tool_calls.map(({ id }: { id: string }) => id));
  }
  if (open.size > 0)
    return bad("An assistant message with 'tool_calls' must be followed by tool messages.", 'messages');
  for (const { type, function: tool } of body.tools ?? []) {
    const isTool = type === 'function' && /^[\w-]{1,64}$/.test(tool?.name) && tool.parameters?.type === 'object';
    if (!isTool) return bad('Invalid tool.', 'tools');
  }
  const { type, json_schema } = body.response_format ?? {};
  if (type === 'json_schema' && json_schema.strict && !isStrict(json_schema.schema))
    return bad('Invalid schema for response_format.', 'response_format');
  return null;
}

/** Structured outputs take objects only with every property required and no others; "Supported schemas". */
// biome-ignore lint/suspicious/noExplicitAny: JSON schema.
function isStrict(schema: any): boolean {
  if (typeof schema !== 'object' || schema === null) return true;
  const { type, properties = {}, required = [], additionalProperties } = schema;
  const names = Object.keys(properties);
  const isWhole = additionalProperties === false && names.every((name) => required.includes(name));
  const inner = [...Object.values(properties), schema.items, ...(schema.anyOf ?? [])];
  return (type !== 'object' || isWhole) && !('default' in schema) && inner.every(isStrict);
}
