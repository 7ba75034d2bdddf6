import type { Secrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import { createDeadline, hasLeft } from '../resilience/deadline';
import { CallTimeoutError, CircuitOpenError, createPolicy, levelFor, type PolicyOptions } from '../resilience/policy';
import { describeError, type Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { startSpan } from '../telemetry/tracing';
import { loadModelClient, toModelAccess } from './model-client';
import { type ChatModel, ModelError, type ModelErrorCode } from './model-contract';
import { extractionRules, readFacts, toExtractionPrompt, toFactsSchema } from './model-extraction';
import { CallFailure } from './model-failure';
import { inTurn, toToolSet } from './model-tools';
import type { ToolUse } from './tool-runner';
import type { Tools } from './tools';

export interface ChatModelDependencies {
  settings: Parameters<typeof toModelAccess>[0] & Pick<Settings, 'CHAT_TIMEOUT_SECONDS'>;
  secrets?: Pick<Secrets, 'renew'>;
  /** What the model may call for. */
  tools: Tools;
  statistics: Pick<Statistics, 'observe' | 'count'>;
  logger: Logger;
  policy?: Partial<PolicyOptions>;
}

const maxSteps = 5;
/** As long as a message may be. */
const maxReply = 8_000;

/**
 * The chat model, through the AI SDK, which is loaded when it is first needed. Every call of it has one retry and a circuit breaker; a
 * reply, all its steps together, has CHAT_TIMEOUT_SECONDS. null where no chat model is set up.
 */
export function createChatModel(dependencies: ChatModelDependencies): ChatModel | null {
  const { settings, secrets, tools, statistics, logger, policy: tuning } = dependencies;
  const access = toModelAccess(settings);
  if (!access) return null;
  const timeoutMs = settings.CHAT_TIMEOUT_SECONDS * 1000;

  const policy = createPolicy({
    ...{ vendor: 'model', attemptMs: timeoutMs, maxRetries: 1, longestPauseMs: 2_000 },
    judge: (error) =>
      error instanceof CallFailure ? error.verdict : { retryable: false, outcomeUnknown: false, isOutage: false },
    probe: async (signal) => (await load()).check(signal),
    onCircuit: (circuit) => {
      logger.warn('circuit changed', { vendor: 'chat model', circuit });
      statistics.count(`model.circuit.${circuit}`);
    },
    ...tuning,
  });

  let loading: ReturnType<typeof startLoading> | undefined;
  const startLoading = async () => {
    const client = await loadModelClient(access, { settings, secrets }, policy);
    const facts = client.sdk.Output.object({ schema: toFactsSchema(client.sdk) });
    return { ...client, toolSet: toToolSet(tools, client.sdk), facts };
  };
  const load = () => {
    loading ??= startLoading();
    return loading;
  };

  /** The time of one reply or extraction, and what is told of it. */
  const begin = (name: 'reply' | 'extract', caller: AbortSignal) => {
    const started = performance.now();
    const span = startSpan(`model.${name}`);
    const leaving = new AbortController();
    const { signal } = createDeadline(timeoutMs, AbortSignal.any([caller, leaving.signal]));
    const tookMs = () => Math.round(performance.now() - started);
    return {
      signal,
      span,
      leave: () => {
        span.end();
        leaving.abort();
      },
      /** What the model is paid by. */
      used: ({ inputTokens = 0, outputTokens = 0 }: { inputTokens?: number; outputTokens?: number }) => {
        statistics.count('model.input_tokens', inputTokens);
        statistics.count('model.output_tokens', outputTokens);
      },
      succeeded: (steps: number) => {
        statistics.observe(`model.${name}`, tookMs());
        logger.debug('chat model', { call: name, steps, duration_ms: tookMs() });
      },
      failed: (error: unknown): ModelError => {
        const code = codeOf(error, signal);
        const isOurs = hasLeft(caller);
        if (!isOurs) statistics.count(`model.${code}`);
        const fields = error instanceof CallFailure ? error.fields : describeError(error);
        logger[isOurs ? 'debug' : levelFor(policy)]('chat model failed', {
          call: name,
          reason: code,
          duration_ms: tookMs(),
          ...fields,
        });
        const failure = new ModelError(code);
        span.failed(failure);
        return failure;
      },
    };
  };

  return {
    circuit: () => policy.circuit(),
    warm: async () => {
      await load().catch(() => undefined);
    },
    async *reply({ system, turns, tools: run }, caller) {
      const call = begin('reply', caller);
      let steps = 0;
      let length = 0;
      let seam = '';
      try {
        const { sdk, model, toolSet } = await load();
        const { fullStream } = call.span.within(() =>
          sdk.streamText({
            ...{ model, system, messages: turns, tools: toolSet, experimental_context: inTurn(run, call.signal) },
            ...{ maxRetries: 0, abortSignal: call.signal, onError: () => undefined },
            stopWhen: sdk.stepCountIs(maxSteps),
            activeTools: run.offered,
            // The last step is for the answer.
            prepareStep: ({ stepNumber }) => (stepNumber === maxSteps - 1 ? { toolChoice: 'none' } : {}),
          }),
        );
        for await (const part of fullStream) {
          switch (part.type) {
            case 'error':
              throw part.error;
            case 'abort':
              throw call.signal.reason;
            case 'tool-result':
              yield { type: 'tool', use: part.output as ToolUse };
              break;
            case 'text-start':
              if (length > 0) seam = '\n\n';
              break;
            case 'text-delta':
              if (part.text === '') break;
              length += part.text.length;
              if (length > maxReply) throw new ModelError('nonsense');
              yield { type: 'token', text: seam + part.text };
              seam = '';
              break;
            case 'finish-step':
              steps++;
              call.used(part.usage);
              if (part.finishReason === 'content-filter') throw new ModelError('refused');
              // The stream ended before the model did.
              if (part.rawFinishReason === undefined) throw new ModelError('nonsense');
          }
        }
        if (length === 0) throw new ModelError('nonsense');
        call.succeeded(steps);
      } catch (error) {
        throw call.failed(error);
      } finally {
        call.leave();
      }
    },
    extract: async (request, caller) => {
      const call = begin('extract', caller);
      try {
        const { sdk, model, facts } = await load();
        const { output, usage } = await call.span.within(() =>
          sdk.generateText({
            ...{ model, system: extractionRules, prompt: toExtractionPrompt(request), output: facts },
            ...{ maxRetries: 0, abortSignal: call.signal },
          }),
        );
        call.used(usage);
        call.succeeded(1);
        return readFacts(output.facts, request.known);
      } catch (error) {
        throw call.failed(error);
      } finally {
        call.leave();
      }
    },
  };
}

/** What a failure was, whoever noticed it first. */
function codeOf(error: unknown, signal: AbortSignal): ModelErrorCode {
  if (signal.aborted || error instanceof CallTimeoutError) return 'timeout';
  if (error instanceof CircuitOpenError) return 'unavailable';
  if (error instanceof CallFailure || error instanceof ModelError) return error.code;
  return 'nonsense';
}
