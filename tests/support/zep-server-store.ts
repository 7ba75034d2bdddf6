import { randomUUID } from 'node:crypto';

export type ZepMetadata = Record<string, unknown>;

export interface ZepUser {
  uuid: string;
  user_id: string;
  metadata: ZepMetadata | null;
  created_at: string;
  updated_at: string;
}

/** A graph episode as it comes over the wire; a thread's message is one, too, under the same uuid. */
export interface ZepEpisode {
  uuid: string;
  content: string;
  created_at: string;
  metadata: ZepMetadata;
  processed: boolean;
  source: 'text' | 'message';
  role: string | null;
  role_type: string | null;
  thread_id: string | null;
}

/** A message of a thread. */
export interface ZepThreadMessage {
  uuid: string;
  role: string;
  name: string | null;
  content: string;
  created_at: string;
  metadata: ZepMetadata;
}

interface Held {
  episode: ZepEpisode;
  userId: string;
  /** Order of arrival, and when it came. */
  sequence: number;
  arrivedAt: number;
}

/** What the vendor keeps. Episodes show in the graph once `settleMs` have passed on the clock. */
export function createZepStore(now: () => Date) {
  const users = new Map<string, ZepUser>();
  const threads = new Map<string, { userId: string; createdAt: string; messages: ZepThreadMessage[] }>();
  const episodes = new Map<string, Held>();
  const ofUser = new Map<string, Set<Held>>();
  let sequence = 0;

  const store = {
    users,
    threads,
    /** How long it takes until what was added shows in the graph. */
    settleMs: 0,

    addUser(userId: string, metadata: ZepMetadata | null = null): ZepUser {
      const at = now().toISOString();
      const user = { uuid: randomUUID(), user_id: userId, metadata, created_at: at, updated_at: at };
      users.set(userId, user);
      ofUser.set(userId, new Set());
      return user;
    },
    removeUser(userId: string): void {
      for (const { episode } of ofUser.get(userId) ?? []) episodes.delete(episode.uuid);
      for (const [id, thread] of threads) if (thread.userId === userId) threads.delete(id);
      users.delete(userId);
      ofUser.delete(userId);
    },
    addEpisode(userId: string, given: Omit<ZepEpisode, 'uuid' | 'processed' | 'created_at'> & { created_at?: string }) {
      // Without a time of its own it counts as said now.
      const created_at = given.created_at ?? now().toISOString();
      const episode: ZepEpisode = { ...given, created_at, uuid: randomUUID(), processed: false };
      const held = { episode, userId, sequence: sequence++, arrivedAt: now().getTime() };
      episodes.set(episode.uuid, held);
      ofUser.get(userId)?.add(held);
      return episode;
    },
    /** An episode that shows in the graph. */
    episode(uuid: string): ZepEpisode | null {
      const held = episodes.get(uuid);
      return held && isSettled(held) ? held.episode : null;
    },
    /** A person's episodes in the graph, the latest first. */
    episodesOf(userId: string): ZepEpisode[] {
      return [...(ofUser.get(userId) ?? [])]
        .filter(isSettled)
        .sort((a, b) => b.episode.created_at.localeCompare(a.episode.created_at) || b.sequence - a.sequence)
        .map(({ episode }) => episode);
    },
    /** Everything that was ever added and is there still, in the order in which it came. */
    all: (): { userId: string; episode: ZepEpisode }[] => [...episodes.values()],
    /** Puts new metadata on a message, in its thread and in the graph; null where there is no such message. */
    updateMessage(uuid: string, change: (metadata: ZepMetadata) => ZepMetadata): ZepThreadMessage | null {
      const episode = episodes.get(uuid)?.episode;
      const message = threads.get(episode?.thread_id ?? '')?.messages.find((known) => known.uuid === uuid);
      if (!episode || !message) return null;
      episode.metadata = message.metadata = change(message.metadata);
      return message;
    },
    /** The message of a deleted episode stays in its thread. */
    removeEpisode(uuid: string): void {
      const held = episodes.get(uuid);
      episodes.delete(uuid);
      if (held) ofUser.get(held.userId)?.delete(held);
    },
    removeThread(threadId: string): void {
      for (const { uuid } of threads.get(threadId)?.messages ?? []) store.removeEpisode(uuid);
      threads.delete(threadId);
    },
  };

  const isSettled = ({ arrivedAt }: Held) => now().getTime() >= arrivedAt + store.settleMs;
  return store;
}

export type ZepStore = ReturnType<typeof createZepStore>;
