import { fetchWithSecret } from '../config/fetch-with-secret';
import type { Secrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import { createPolicy, type PolicyOptions, type Verdict } from '../resilience/policy';
import type { Logger } from '../telemetry/logger';

/** Meta's own address. */
const graphUrl = 'https://graph.facebook.com/v25.0';

/** Why a reply is not known to be sent. `refused`: it never will be. `unauthorised`: the operator has to act. */
export type SendErrorCode = 'refused' | 'unauthorised' | 'rate_limited' | 'unavailable';

/** A reply that Meta did not take, as far as is known. */
export class SendError extends Error {
  override readonly name = 'SendError';
  constructor(
    readonly code: SendErrorCode,
    readonly verdict: Verdict,
    options?: ErrorOptions,
  ) {
    super(`whatsapp: ${code}`, options);
  }
}

export interface OutgoingMessage {
  /** Meta's id of the number that sends. */
  phoneNumberId: string;
  to: string;
  isGroup: boolean;
  /** At most 4,096 characters. */
  text: string;
}

export interface WhatsAppSender {
  /** Sends a text. Rejects with `SendError` and nothing else; after `unavailable` it may have been sent all the same. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<void>;
}

export interface WhatsAppSenderOptions {
  settings: Pick<Settings, 'WHATSAPP_ACCESS_TOKEN' | 'WHATSAPP_BASE_URL'>;
  secrets?: Pick<Secrets, 'renew'>;
  logger: Logger;
  policy?: Partial<PolicyOptions>;
}

const passing = { retryable: true, outcomeUnknown: false, isOutage: false };
const forGood = { ...passing, retryable: false };
const outage = { retryable: true, outcomeUnknown: true, isOutage: true };
/** Nothing had arrived yet: there was nobody to connect to. */
const unsent = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/;

/** By the status: Meta's texts quote the request. "Error codes", WhatsApp Cloud API. */
function toSendError({ status, headers }: Response): SendError {
  const retryAfterMs = Number(headers.get('retry-after') ?? 0) * 1000 || 0;
  if (status === 429) return new SendError('rate_limited', { ...passing, retryAfterMs });
  if (status === 401 || status === 403) return new SendError('unauthorised', forGood);
  return status < 500 ? new SendError('refused', forGood) : new SendError('unavailable', outage);
}

const judge = (error: unknown): Verdict => {
  if (error instanceof SendError) return error.verdict;
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  return { ...outage, outcomeUnknown: !unsent.test(String(code)) };
};

/** Replies through the Graph API: `POST /{phone number id}/messages`, "Text messages", WhatsApp Cloud API. */
export function createWhatsAppSender({
  settings,
  secrets,
  logger,
  policy: tuning,
}: WhatsAppSenderOptions): WhatsAppSender {
  const { WHATSAPP_BASE_URL: baseUrl = graphUrl } = settings;
  const policy = createPolicy({
    ...{ vendor: 'whatsapp', attemptMs: 5_000, maxRetries: 1, judge },
    onCircuit: (circuit) => logger.warn('circuit changed', { vendor: 'whatsapp', circuit }),
    ...tuning,
  });
  const post = async ({ phoneNumberId, to, isGroup, text }: OutgoingMessage, signal: AbortSignal): Promise<void> => {
    const body = JSON.stringify({
      ...{ messaging_product: 'whatsapp', recipient_type: isGroup ? 'group' : 'individual', to },
      ...{ type: 'text', text: { body: text, preview_url: false } },
    });
    const url = `${baseUrl.replace(/\/+$/, '')}/${phoneNumberId}/messages`;
    const response = await fetchWithSecret({ settings, secrets }, 'WHATSAPP_ACCESS_TOKEN', (accessToken) => {
      const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
      return fetch(url, { method: 'POST', headers, body, signal });
    });
    // A 2xx is a message taken, whatever else it says: to send it again and again would be worse than to lose it.
    await response.body?.cancel();
    if (!response.ok) throw toSendError(response);
  };
  return {
    send: async (message, signal) => {
      try {
        await policy.run((attemptSignal) => post(message, attemptSignal), { signal });
      } catch (error) {
        throw error instanceof SendError ? error : new SendError('unavailable', outage, { cause: error });
      }
    },
  };
}
