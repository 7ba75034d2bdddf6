import { z } from 'zod';
import { createPolicy, type PolicyOptions } from '../resilience/policy';
import type { Logger } from '../telemetry/logger';
import type { TopicClassifier } from './topics';

const answerMs = 300;

const answer = z.object({ topic: z.string().trim().min(1).max(64).nullable() });

export interface TopicServiceOptions {
  url: string;
  /** Names the topic where the service does not. */
  fallback: TopicClassifier;
  logger: Logger;
  policy?: Partial<PolicyOptions>;
}

/**
 * Topics by a service of the operator's: POST `{ "text": … }`, answered within 300 ms by `{ "topic": … }`, a label of at most 64
 * characters or null. Where it does not answer so, the fallback does; rejects as that does.
 */
export function createTopicService({ url, fallback, logger, policy: tuning }: TopicServiceOptions): TopicClassifier {
  const ask = async (text: string, signal: AbortSignal): Promise<string | null> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ text }), signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    }
    return answer.parse(await response.json()).topic;
  };
  const policy = createPolicy({
    ...{ vendor: 'classifier', attemptMs: answerMs, maxRetries: 0 },
    // Whatever is wrong with it, a refusal or nonsense too: the fallback costs less than to ask again.
    judge: () => ({ retryable: false, outcomeUnknown: false, isOutage: true }),
    probe: (signal) => ask('Hello', signal),
    onCircuit: (circuit) => logger.warn('classifier circuit', { circuit }),
    ...tuning,
  });
  // As in the heuristic: the embedder keeps the vectors of texts, and their topics are kept for as long.
  const known = new WeakMap<object, string | null>();
  const patience = new AbortController().signal;

  return {
    async classify(text, embedding) {
      let topic = known.get(embedding);
      if (topic !== undefined) return topic;
      try {
        topic = await policy.run((signal) => ask(text, signal), { signal: patience });
      } catch {
        return fallback.classify(text, embedding);
      }
      known.set(embedding, topic);
      return topic;
    },
  };
}
