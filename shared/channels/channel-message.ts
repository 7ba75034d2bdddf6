import { cut } from '../chat/cut';
import type { Channel } from '../identity/identity-contract';

/** A message as any channel brings it. */
export interface ChannelMessage {
  sender: Channel;
  /** The same for everything said to this number, bot or group; a person's turns are kept apart within. */
  conversationId: string;
  /** Whether others read along. */
  isGroup: boolean;
  /** The vendor's own, the same when the message is delivered again. */
  messageId: string;
  /** What can be read, at most 8,000 characters; null for a voice note or a picture without a word. */
  text: string | null;
}

/** What a chat takes at most; see shared/http/fields.ts. */
const longestMessage = 8_000;

/** What somebody wrote as a chat takes it: what Postgres cannot keep is left out, the rest is cut; null where nothing is left. */
export function toText(written: string | undefined): string | null {
  const text = cut((written ?? '').replaceAll('\0', '').toWellFormed(), longestMessage).trim();
  return text === '' ? null : text;
}

/** A reply of at most `max` UTF-16 units; what was cut off is told by its last sign. */
export const clip = (text: string, max: number): string => (text.length <= max ? text : `${cut(text, max - 1)}…`);
