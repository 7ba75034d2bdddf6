/** A message that was received: for a while nobody else sees it. */
export interface ReceivedMessage {
  id: string;
  receipt: string;
  text: string;
  /** How often it has been received, this time included. */
  attempts: number;
}

/** One storage queue. Methods reject when the storage cannot be reached; a message that another process received meanwhile cannot be changed. */
export interface StorageQueue {
  send(text: string): Promise<void>;
  /** At most `count` messages, which nobody else sees for `hiddenMs`, in whole seconds. */
  receive(count: number, hiddenMs: number): Promise<ReceivedMessage[]>;
  /** Lets others see it again after `afterMs`. */
  release(message: ReceivedMessage, afterMs: number): Promise<void>;
  remove(message: ReceivedMessage): Promise<void>;
}

/** Opens a queue by its name, and makes it where there is none. */
export type OpenQueue = (name: string) => Promise<StorageQueue>;

/** Texts go as base64, as the Functions host wants them unless told otherwise. */
const encode = (text: string) => Buffer.from(text).toString('base64');
const decode = (text: string) => Buffer.from(text, 'base64').toString();

/** Azure Queue Storage, or Azurite, by a connection string. A call is tried once: who receives tries again anyway. */
export function createStorageQueues(connection: string): OpenQueue {
  const opened = new Map<string, Promise<StorageQueue>>();
  const open = async (name: string): Promise<StorageQueue> => {
    const { QueueServiceClient } = await import('@azure/storage-queue');
    const service = QueueServiceClient.fromConnectionString(connection, { retryOptions: { maxTries: 1 } });
    const queue = service.getQueueClient(name);
    await queue.createIfNotExists();
    return {
      send: async (text) => void (await queue.sendMessage(encode(text))),
      receive: async (count, hiddenMs) => {
        const visibilityTimeout = Math.ceil(hiddenMs / 1_000);
        const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: count, visibilityTimeout });
        return receivedMessageItems.map(({ messageId, popReceipt, messageText, dequeueCount }) => ({
          ...{ id: messageId, receipt: popReceipt, text: decode(messageText), attempts: dequeueCount },
        }));
      },
      release: async ({ id, receipt, text }, afterMs) =>
        void (await queue.updateMessage(id, receipt, encode(text), Math.ceil(afterMs / 1_000))),
      remove: async ({ id, receipt }) => void (await queue.deleteMessage(id, receipt)),
    };
  };
  return (name) => {
    const known = opened.get(name) ?? open(name);
    opened.set(name, known);
    known.catch(() => opened.delete(name));
    return known;
  };
}
