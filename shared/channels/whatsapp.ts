import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { equalSecrets } from '../http/equal-secrets';
import { type ChannelMessage, toText } from './channel-message';

export interface WhatsAppMessage extends ChannelMessage {
  /** Meta's id of the number that was written to. */
  phoneNumberId: string;
  /** Where the reply goes: the person, or the group. */
  replyTo: string;
}

/** Whether Meta sent these bytes (`X-Hub-Signature-256`), told in constant time. "Validating payloads", Graph API webhooks. */
export function isFromMeta(body: ArrayBuffer, signature: string, appSecret: string): boolean {
  const digest = createHmac('sha256', appSecret).update(Buffer.from(body)).digest('hex');
  return equalSecrets(signature, `sha256=${digest}`);
}

const caption = z.object({ caption: z.string().optional() }).optional();
const title = z.object({ title: z.string() }).optional();

const message = z.object({
  id: z.string().min(1),
  from: z.string().min(1),
  group_id: z.string().min(1).optional(),
  type: z.string(),
  text: z.object({ body: z.string() }).optional(),
  button: z.object({ text: z.string() }).optional(),
  interactive: z.object({ button_reply: title, list_reply: title }).optional(),
  ...{ image: caption, video: caption, document: caption },
});

/** "Messages webhook reference", WhatsApp Cloud API. */
const value = z.object({
  metadata: z.object({ phone_number_id: z.string().regex(/^\d+$/) }),
  messages: z.array(z.unknown()),
});

const event = z.object({ entry: z.array(z.object({ changes: z.array(z.object({ value: z.unknown() })) })) });

const media = new Set(['audio', 'image', 'video', 'document', 'sticker', 'location', 'contacts', 'unsupported']);

/**
 * The messages that an event tells of, in its order, and how many more of them could not be understood. What is none is passed over:
 * delivery reports, reactions, notes of the system, and a picture without words in a group.
 */
export function toWhatsAppMessages(received: unknown): { messages: WhatsAppMessage[]; strange: number } {
  const changes = event.safeParse(received).data?.entry.flatMap(({ changes: each }) => each) ?? [];
  const parsed = changes.flatMap((change) => {
    const { data } = value.safeParse(change.value);
    return data?.messages.map((each) => ({ data: message.safeParse(each).data, ...data.metadata })) ?? [];
  });
  const messages = parsed.flatMap(({ data, phone_number_id: phoneNumberId }) => {
    const understood = data && toMessage(data, phoneNumberId);
    return understood ? [understood] : [];
  });
  return { messages, strange: parsed.filter(({ data }) => data === undefined).length };
}

function toMessage(given: z.output<typeof message>, phoneNumberId: string): WhatsAppMessage | null {
  const { id, from, group_id: groupId, type, interactive } = given;
  const chosen = given.button?.text ?? (interactive?.button_reply ?? interactive?.list_reply)?.title;
  const said = (given.image ?? given.video ?? given.document)?.caption;
  const text = toText(given.text?.body ?? chosen ?? said);
  const isGroup = groupId !== undefined;
  if (text === null && (isGroup || !media.has(type))) return null;
  return {
    sender: { type: 'whatsapp', address: from },
    conversationId: `whatsapp:${groupId ?? phoneNumberId}`,
    isGroup,
    messageId: id,
    text,
    phoneNumberId,
    replyTo: groupId ?? from,
  };
}
