import type { ChatService } from '../chat/chat-contract';
import { ProblemError } from '../http/problem';
import type { Identity } from '../identity/identity-contract';
import { derivedId } from '../memory/derived-id';
import type { ProcessedMessages } from '../memory/processed-messages';
import { type Deadline, raceSignal } from '../resilience/deadline';
import type { Leases } from '../sync/leases';
import type { Logger } from '../telemetry/logger';
import { type ChannelMessage, clip } from './channel-message';
import type { WhatsAppMessage } from './whatsapp';
import { SendError, type WhatsAppSender } from './whatsapp-sender';

export interface ChannelsDependencies {
  identity: Identity;
  chat: ChatService;
  processed: ProcessedMessages;
  leases: Leases;
  whatsapp: WhatsAppSender;
  logger: Logger;
}

/** What people write on their channels, answered. Both methods reject where the database cannot be reached, and as a chat does. */
export interface Channels {
  /** The reply to a message; null where there is none. The same message again gets the first reply. */
  reply(message: ChannelMessage, deadline: Deadline): Promise<string | null>;
  /**
   * Answers messages one after the other and sends each reply. false where one could not be sent, or is being answered by another
   * process: then all of them are to be delivered again, and what was sent is not sent again.
   */
  deliver(messages: WhatsAppMessage[], deadline: Deadline): Promise<boolean>;
}

const textOnly = 'Sorry, I can only read text messages. Please write it to me.';

/** Time for one chat: the model's eight seconds, and a little on either side. */
const chatMs = 12_000;

/** The text limit of WhatsApp. */
const longestReply = 4_096;
const sentDoor = 'whatsapp-sent';
/** Longer than the door gives its messages all together. */
const leaseMs = 120_000;

export function createChannels(dependencies: ChannelsDependencies): Channels {
  const { identity, chat, processed, leases, whatsapp, logger } = dependencies;

  /** Who wrote; null for an address that no person has, such as a short code. */
  const writer = async ({ sender }: ChannelMessage, { signal }: Deadline): Promise<string | null> => {
    try {
      return await raceSignal(identity.resolve(sender), signal);
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 400)) throw error;
      logger.info('message passed over', { channel: sender.type, reason: 'address' });
      return null;
    }
  };

  const answer = async (userId: string, message: ChannelMessage, text: string, deadline: Deadline): Promise<string> => {
    const { conversationId, messageId, isGroup } = message;
    const request = { userId, message: text, conversationId, messageId, ...(isGroup && { participants: [userId] }) };
    const { reply } = await chat.chat(request, deadline.within(chatMs));
    return reply;
  };

  const send = async (
    message: WhatsAppMessage,
    text: string,
    deadline: Deadline,
  ): Promise<'sent' | 'refused' | null> => {
    const { phoneNumberId, replyTo: to, isGroup } = message;
    try {
      await whatsapp.send({ phoneNumberId, to, isGroup, text: clip(text, longestReply) }, deadline.signal);
      return 'sent';
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      logger.warn('reply not sent', { channel: 'whatsapp', code: error.code });
      return error.code === 'refused' ? 'refused' : null;
    }
  };

  const deliverOne = async (message: WhatsAppMessage, deadline: Deadline): Promise<boolean> => {
    const { messageId, text } = message;
    const userId = await writer(message, deadline);
    if (userId === null) return true;
    // Meta waits for seconds, then delivers again while the first delivery is still being answered.
    const lease = await leases.take(`${sentDoor} ${derivedId(messageId)}`, leaseMs);
    if (lease === null) return false;
    try {
      if ((await processed.find(userId, sentDoor, messageId)) !== null) return true;
      const reply = text === null ? textOnly : await answer(userId, message, text, deadline);
      const outcome = await send(message, reply, deadline);
      if (outcome !== null) await processed.keep(userId, sentDoor, messageId, outcome);
      return outcome !== null;
    } finally {
      await lease.free();
    }
  };

  return {
    reply: async (message, deadline) => {
      if (message.text === null) return textOnly;
      const userId = await writer(message, deadline);
      return userId === null ? null : answer(userId, message, message.text, deadline);
    },
    deliver: async (messages, deadline) => {
      for (const message of messages) {
        deadline.signal.throwIfAborted();
        if (!(await deliverOne(message, deadline))) return false;
      }
      return true;
    },
  };
}
