import { createHmac } from 'node:crypto';
import { equalSecrets } from '../http/equal-secrets';
import { type ChannelMessage, clip, toText } from './channel-message';

/** A request as Twilio signs it. */
export interface TwilioRequest {
  /** As Twilio calls it: what a proxy makes of it is signed by nobody. */
  url: string;
  form: URLSearchParams;
  /** `X-Twilio-Signature`. */
  signature: string;
}

/** The body limit of every messaging channel (Twilio error 21617). */
const longestReply = 1_600;

/** The public address of a request that came in under `seenUrl`; `origin` may carry the path that a proxy takes away. */
export function publicUrl(seenUrl: string, origin: string | undefined): string {
  const { pathname, search } = new URL(seenUrl);
  return origin === undefined ? seenUrl : `${origin.replace(/\/+$/, '')}${pathname}${search}`;
}

/** Names in order with their values, each name's values in order and once, after the address. */
function signatureOf(url: string, form: URLSearchParams, authToken: string): string {
  const names = [...new Set(form.keys())].sort();
  const signed = names.flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value));
  return createHmac('sha1', authToken)
    .update([url, ...signed].join(''))
    .digest('base64');
}

/** The address with its scheme's own port and without one: Twilio signs now this, now that. */
function spellings(url: string): string[] {
  const { protocol, host, port, pathname, search } = new URL(url);
  const standardPort = protocol === 'https:' ? 443 : 80;
  const hosts = port === '' ? [host, `${host}:${standardPort}`] : [host, host.slice(0, -port.length - 1)];
  return hosts.map((spelling) => `${protocol}//${spelling}${pathname}${search}`);
}

/** Whether Twilio sent this, told in constant time. "Webhooks Security", Twilio documentation. */
export function isFromTwilio({ url, form, signature }: TwilioRequest, authToken: string): boolean {
  const fits = spellings(url).map((spelling) => equalSecrets(signature, signatureOf(spelling, form, authToken)));
  return fits.includes(true);
}

/**
 * The message that Twilio tells of: an SMS, or WhatsApp where the addresses say so. null for what is none: a delivery report, or a
 * STOP or HELP that Twilio has answered itself. "Twilio's Request to your Incoming Message Webhook URL".
 */
export function toTwilioMessage(form: URLSearchParams): ChannelMessage | null {
  const [from, to, messageId, body] = ['From', 'To', 'MessageSid', 'Body'].map((name) => form.get(name) ?? undefined);
  if (!from || !to || !messageId || body === undefined || form.has('OptOutType')) return null;
  const type = from.startsWith('whatsapp:') ? 'whatsapp' : 'sms';
  const number = (address: string) => address.replace(/^whatsapp:/, '');
  return {
    sender: { type, address: number(from) },
    conversationId: `${type}:${number(to)}`,
    isGroup: false,
    messageId: `twilio:${messageId}`,
    text: toText(body),
  };
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** TwiML that sends a reply, of at most 1,600 characters, or nothing where it is null. Signs that XML 1.0 has no place for are left out. */
export function toTwiml(reply: string | null): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get into XML.
  const text = reply?.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '');
  const message =
    text && `<Message>${clip(text, longestReply).replace(/[&<>]/g, (sign) => entities[sign] ?? '')}</Message>`;
  return `<?xml version="1.0" encoding="UTF-8"?><Response>${message ?? ''}</Response>`;
}
