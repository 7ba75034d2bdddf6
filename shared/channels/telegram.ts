import { z } from 'zod';
import { type ChannelMessage, clip, toText } from './channel-message';

export interface TelegramMessage extends ChannelMessage {
  chatId: number;
  /** What the reply answers, in a group where several talk at once. */
  replyTo?: number;
}

/** The text limit of `sendMessage`. */
const longestReply = 4_096;

/** "Update" and "Message", Telegram Bot API. */
const update = z.object({
  message: z.object({
    message_id: z.int(),
    from: z.object({ id: z.int(), is_bot: z.boolean() }),
    /** Somebody who writes in the name of a group or a channel: nobody that could be known. */
    sender_chat: z.never().optional(),
    chat: z.object({ id: z.int(), type: z.enum(['private', 'group', 'supergroup']) }),
    text: z.string().optional(),
    caption: z.string().optional(),
  }),
});

const media = [
  'voice',
  'audio',
  'photo',
  'video',
  'video_note',
  'document',
  'animation',
  'sticker',
  'location',
  'contact',
];

/** What the button of a bot sends that somebody opens for the first time: they have not written yet. */
const start = /^\/start(?:@\w+)?(?:\s.*)?$/s;

/**
 * The message that an update tells of. null for what is none of a person's: an edit, a bot, a channel's post, a note that somebody
 * came or went, and a picture without words in a group.
 */
export function toTelegramMessage(received: unknown): TelegramMessage | null {
  const { success, data } = update.safeParse(received);
  if (!success || data.message.from.is_bot) return null;
  const { message_id: id, from, chat, text: written, caption } = data.message;
  const isGroup = chat.type !== 'private';
  const text = toText((written ?? caption)?.replace(start, 'Hello'));
  const isMedia = media.some((kind) => Object.hasOwn((received as { message: object }).message, kind));
  if (text === null && (isGroup || !isMedia)) return null;
  return {
    sender: { type: 'telegram', address: String(from.id) },
    conversationId: isGroup ? `telegram:${chat.id}` : 'telegram',
    isGroup,
    messageId: `telegram:${chat.id}:${id}`,
    text,
    chatId: chat.id,
    ...(isGroup && { replyTo: id }),
  };
}

/** A call of `sendMessage`, to stand in the webhook's own response: "Making requests when getting updates", Telegram Bot API. */
export const toSendMessage = ({ chatId, replyTo }: TelegramMessage, reply: string) => ({
  method: 'sendMessage',
  chat_id: chatId,
  text: clip(reply, longestReply),
  ...(replyTo !== undefined && { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
});
