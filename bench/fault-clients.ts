import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalService } from '../tests/support/local-service';

export interface Write {
  userId: string;
  text: string;
  infer: boolean;
  messageId: string;
}

/** What became of a write as its client saw it. */
export interface Accepted {
  write: Write;
  status: 'stored' | 'pending' | 'queued' | 'skipped';
  /** How often it was sent. */
  sent: number;
}

const pauseMs = 250;

/** Sends a write until it gets a 2xx, as a bot would: nothing else tells it that it was taken. */
async function sendUntilTaken(service: () => LocalService, write: Write): Promise<Accepted> {
  const { userId, text, infer, messageId } = write;
  for (let sent = 1; ; sent++) {
    const body = { user_id: userId, text, infer, message_id: messageId };
    // Rejects where the service was killed before it answered.
    const answer = await service()
      .call('POST', 'add-memory', body)
      .catch(() => null);
    if (answer && answer.status < 300) {
      return { write, status: answer.body.status, sent };
    }
    if (answer && answer.status < 500) throw new Error(`add-memory: ${answer.status} ${JSON.stringify(answer.body)}`);
    await sleep(pauseMs);
  }
}

/**
 * Sends all writes from so many clients, each one after the other, spread evenly over `overMs`. Resolves once every one is taken;
 * `accepted` grows meanwhile.
 */
export async function sendAll(
  service: () => LocalService,
  writes: Write[],
  { clients, overMs, accepted }: { clients: number; overMs: number; accepted: Accepted[] },
): Promise<void> {
  const started = performance.now();
  const client = async (first: number) => {
    for (let i = first; i < writes.length; i += clients) {
      const write = writes[i];
      if (!write) return;
      await sleep(Math.max(0, started + (i * overMs) / writes.length - performance.now()));
      accepted.push(await sendUntilTaken(service, write));
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, i) => client(i)));
}
