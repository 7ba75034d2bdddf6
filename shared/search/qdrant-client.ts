import type { QdrantClient } from '@qdrant/js-client-rest';
import type { Agent } from 'undici';
import { isRefusal, type SecretSource } from '../config/fetch-with-secret';

type QdrantSecret = 'QDRANT_API_KEY' | 'QDRANT_CA_CERTIFICATE';
export type QdrantSecrets = SecretSource<QdrantSecret>;

type Api = ReturnType<QdrantClient['api']>;
/** One call; the reply's body is `{ result, … }`. */
export type Question = (api: Api, init: { signal: AbortSignal }) => Promise<{ data: unknown }>;

/**
 * How Qdrant is asked: with the key of now, over connections that trust the certificate of now, and once more where Qdrant or its
 * certificate was refused and there is another by now. The client is loaded with the first call: most run without a Qdrant.
 */
export function createQdrantClient(url: string, { settings, secrets }: QdrantSecrets) {
  let client: QdrantClient | undefined;
  let trusting: { certificate: string; agent: Agent } | undefined;

  const agentFor = async (certificate: string): Promise<Agent> => {
    if (trusting?.certificate === certificate) return trusting.agent;
    const { Agent } = await import('undici');
    void trusting?.agent.close();
    // As the client makes its own; it takes none.
    const limits = { connections: 25, keepAliveTimeout: 10_000, bodyTimeout: 0, headersTimeout: 0 };
    trusting = { certificate, agent: new Agent({ ...limits, connect: { ca: certificate } }) };
    return trusting.agent;
  };

  const send = async (question: Question, signal: AbortSignal) => {
    const { QDRANT_API_KEY: apiKey, QDRANT_CA_CERTIFICATE: certificate } = settings;
    client ??= await connect(url);
    const init = {
      signal,
      // As a header, for the client prints a warning where its own option is used on http.
      ...(apiKey && { headers: { 'api-key': apiKey } }),
      ...(certificate && { dispatcher: await agentFor(certificate) }),
    };
    return question(client.api(), init);
  };

  return async (question: Question, signal: AbortSignal): Promise<{ data: unknown }> => {
    const { QDRANT_API_KEY, QDRANT_CA_CERTIFICATE } = settings;
    const used = { QDRANT_API_KEY, QDRANT_CA_CERTIFICATE };
    try {
      return await send(question, signal);
    } catch (error) {
      const name = refusedSecret(error);
      if (name === null || !(await secrets?.renew(name, used[name]))) throw error;
      return send(question, signal);
    }
  };
}

/** What a call failed for, where it is a secret: Qdrant did not take our key, or we did not take its certificate. */
function refusedSecret(error: unknown): QdrantSecret | null {
  const { status, cause } = error as { status?: number; cause?: { code?: unknown } };
  if (isRefusal(status ?? null)) return 'QDRANT_API_KEY';
  return /CERT|SIGNATURE/.test(String(cause?.code)) ? 'QDRANT_CA_CERTIFICATE' : null;
}

async function connect(url: string): Promise<QdrantClient> {
  const { QdrantClient } = await import('@qdrant/js-client-rest');
  const { origin, pathname } = new URL(url);
  return new QdrantClient({
    url: origin,
    prefix: pathname.replace(/\/$/, ''),
    port: portOf(url),
    // A compressed reply is streamed in pieces, and Nagle's algorithm with delayed ACK holds each up for 40 ms.
    headers: { 'accept-encoding': 'identity' },
    // Every call has a signal; a timeout of the client's own would take its place.
    timeout: Number.POSITIVE_INFINITY,
    checkCompatibility: false,
  });
}

/** The port of an address as it is written, or Qdrant's own. `URL` drops one that is its scheme's, and the client then takes 6333. */
export const portOf = (url: string): number => Number(/^https?:\/\/[^/]*:(\d+)(?:\/|$)/.exec(url)?.[1] ?? 6333);
