import type { LanguageModelMiddleware } from 'ai';
import { z } from 'zod';
import type { Settings } from '../config/settings';
import { hasLeft, raceSignal } from '../resilience/deadline';
import type { Policy } from '../resilience/policy';
import { CallFailure, toCallFailure } from './model-failure';

/** Where the model is, and how it is spoken to. */
export interface ModelAccess {
  provider: 'azure' | 'openai-compatible';
  model: string;
  baseURL: string;
  apiKey: string | undefined;
}

/** null where there is no chat model, or where a setting that it needs is missing. */
export function toModelAccess(
  settings: Pick<Settings, 'CHAT_PROVIDER' | 'CHAT_MODEL' | 'CHAT_BASE_URL' | 'CHAT_API_KEY'>,
): ModelAccess | null {
  const { CHAT_PROVIDER: provider, CHAT_MODEL: model, CHAT_BASE_URL: baseURL, CHAT_API_KEY: apiKey } = settings;
  if (provider === 'none' || !model || !baseURL || (provider === 'azure' && !apiKey)) return null;
  return { provider, model, baseURL, apiKey };
}

/** Far above any reply; an endless one fills no memory. */
const maxBytes = 2 * 1024 * 1024;

const boundedFetch: typeof fetch = async (input, init) => {
  // The key goes nowhere else.
  const response = await fetch(input, { ...init, redirect: 'error' });
  let bytes = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new RangeError('The reply of the model has no end');
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body?.pipeThrough(counter), response);
};

/**
 * The SDK's model. Azure's v1 API and OpenAI's are both POST {base}/chat/completions, with the key as `api-key` and as `Authorization`;
 * the deployment's name is Azure's model. Written for ai 6, @ai-sdk/azure 3 and @ai-sdk/openai-compatible 2.
 */
async function connect({ provider, model, ...access }: ModelAccess) {
  if (provider === 'azure') {
    const { createAzure } = await import('@ai-sdk/azure');
    return createAzure({ ...access, fetch: boundedFetch }).chat(model);
  }
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  const options = { name: 'chat', supportsStructuredOutputs: true, fetch: boundedFetch };
  return createOpenAICompatible({ ...access, ...options }).chatModel(model);
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
export async function loadModelClient(access: ModelAccess, policy: Policy) {
  // Otherwise the SDK tells the console what it makes of a reply.
  globalThis.AI_SDK_LOG_WARNINGS = false;
  const sdk = await import('ai');
  const bare = await connect(access);

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
