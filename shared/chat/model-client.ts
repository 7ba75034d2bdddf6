import type { LanguageModelMiddleware } from 'ai';
import { z } from 'zod';
import { fetchWithSecret, type SecretSource } from '../config/fetch-with-secret';
import type { Settings } from '../config/settings';
import { hasLeft, raceSignal } from '../resilience/deadline';
import type { Policy } from '../resilience/policy';
import { CallFailure, toCallFailure } from './model-failure';

/** Where the model is, and how it is spoken to. */
export interface ModelAccess {
  provider: 'azure' | 'openai-compatible';
  model: string;
  baseURL: string;
}

/** null where there is no chat model, or where a setting that it needs is missing. */
export function toModelAccess(
  settings: Pick<Settings, 'CHAT_PROVIDER' | 'CHAT_MODEL' | 'CHAT_BASE_URL' | 'CHAT_API_KEY'> &
    Partial<Pick<Settings, 'KEY_VAULT_URL'>>,
): ModelAccess | null {
  const { CHAT_PROVIDER: provider, CHAT_MODEL: model, CHAT_BASE_URL: baseURL, CHAT_API_KEY: apiKey } = settings;
  if (provider === 'none' || !model || !baseURL) return null;
  // A key that the vault does not have may be put there at any time.
  const mayHaveKey = apiKey !== undefined || settings.KEY_VAULT_URL !== undefined;
  return provider === 'azure' && !mayHaveKey ? null : { provider, model, baseURL };
}

/** Far above any reply; an endless one fills no memory. */
const maxBytes = 2 * 1024 * 1024;

/** Every request of the SDK: with the key of now, and with an end. */
async function boundedFetch(
  key: SecretSource<'CHAT_API_KEY'>,
  toHeaders: (apiKey: string) => Record<string, string>,
  ...[input, init]: Parameters<typeof fetch>
): Promise<Response> {
  const response = await fetchWithSecret(key, 'CHAT_API_KEY', (apiKey) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries(apiKey ? toHeaders(apiKey) : {})) headers.set(name, value);
    // The key goes nowhere else.
    return fetch(input, { ...init, headers, redirect: 'error' });
  });
  let bytes = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new RangeError('The reply of the model has no end');
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body?.pipeThrough(counter), response);
}

/**
 * The SDK's model. Azure's v1 API and OpenAI's are both POST {base}/chat/completions, with the key as `api-key` and as `Authorization`;
 * the deployment's name is Azure's model. Written for ai 6, @ai-sdk/azure 3 and @ai-sdk/openai-compatible 2.
 */
async function connect({ provider, model, baseURL }: ModelAccess, key: SecretSource<'CHAT_API_KEY'>) {
  if (provider === 'azure') {
    const { createAzure } = await import('@ai-sdk/azure');
    const fetch = boundedFetch.bind(null, key, (apiKey) => ({ 'api-key': apiKey }));
    // The SDK wants a key of its own; every request replaces it.
    return createAzure({ baseURL, apiKey: 'none', fetch }).chat(model);
  }
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  const fetch = boundedFetch.bind(null, key, (apiKey) => ({ authorization: `Bearer ${apiKey}` }));
  const options = { name: 'chat', supportsStructuredOutputs: true };
  return createOpenAICompatible({ ...options, baseURL, fetch }).chatModel(model);
}

type Wrap = Required<LanguageModelMiddleware>;
type StreamPart = Awaited<ReturnType<Wrap['wrapStream']>>['stream'] extends ReadableStream<infer Part> ? Part : never;

/** What stands before a reply: nothing of it was passed on yet. */
const preamble = new Set<StreamPart['type']>(['stream-start', 'response-metadata']);

/** A model's own words of refusal, which the SDK leaves out (OpenAI API reference, "The chat completion chunk object"). */
const refusal = z.object({
  choices: z.tuple([z.object({ delta: z.object({ refusal: z.string().min(1) }) })]),
});

/**
 * Loads the SDK, and the model with each of its calls under the policy: a call is retried as long as nothing of its reply was passed on,
 * and a stream counts as answered when it is complete. Calls reject with `CallFailure`, or as the policy does.
 */
export async function loadModelClient(access: ModelAccess, key: SecretSource<'CHAT_API_KEY'>, policy: Policy) {
  // Otherwise the SDK tells the console what it makes of a reply.
  globalThis.AI_SDK_LOG_WARNINGS = false;
  const sdk = await import('ai');
  const bare = await connect(access, key);

  const failed = (error: unknown) => {
    throw toCallFailure(error, sdk.APICallError.isInstance);
  };

  const call = <T>(caller: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    // Whose time is up has waited for the model, which speaks against it; who leaves has not, and ends the call at once.
    const leaving = new AbortController();
    const leave = () => {
      if (hasLeft(caller)) leaving.abort(new CallFailure('timeout', {}));
    };
    caller.addEventListener('abort', leave, { once: true });
    const attempt = (signal: AbortSignal) =>
      raceSignal(work(AbortSignal.any([signal, leaving.signal])).catch(failed), leaving.signal);
    return policy.run(attempt, { signal: caller }).finally(() => caller.removeEventListener('abort', leave));
  };

  const wrapGenerate: Wrap['wrapGenerate'] = ({ model, params: { abortSignal: caller = forever(), ...params } }) =>
    call(caller, async (abortSignal) => model.doGenerate({ ...params, abortSignal }));

  const wrapStream: Wrap['wrapStream'] = async ({ model, params: { abortSignal: caller = forever(), ...params } }) => {
    const start = (controller: ReadableStreamDefaultController<StreamPart>) => {
      let isBegun = false;
      const relay = async (abortSignal: AbortSignal) => {
        const { stream } = await model.doStream({ ...params, includeRawChunks: true, abortSignal });
        for await (const part of stream) {
          if (part.type === 'error') throw part.error;
          if (part.type === 'raw') {
            if (refusal.safeParse(part.rawValue).success) throw new CallFailure('refused', {});
          } else if (!caller.aborted) {
            isBegun ||= !preamble.has(part.type);
            controller.enqueue(part);
          }
        }
      };
      const attempt = (signal: AbortSignal) =>
        relay(signal)
          .catch(failed)
          .catch((failure: CallFailure) => {
            throw isBegun ? failure.forGood() : failure;
          });
      call(caller, attempt).then(
        () => controller.close(),
        (error) => controller.error(error),
      );
    };
    return { stream: new ReadableStream<StreamPart>({ start }) };
  };

  return {
    sdk,
    model: sdk.wrapLanguageModel({ model: bare, middleware: { specificationVersion: 'v3', wrapGenerate, wrapStream } }),
    /** Whether the model answers at all. */
    check: async (abortSignal: AbortSignal): Promise<unknown> => {
      const content = [{ type: 'text' as const, text: 'Hello' }];
      return Promise.resolve(bare.doGenerate({ prompt: [{ role: 'user', content }], abortSignal })).catch(failed);
    },
  };
}

export type ModelClient = Awaited<ReturnType<typeof loadModelClient>>;

const forever = () => new AbortController().signal;
