import { z } from 'zod';
import { derivedId } from './derived-id';
import { keepable } from './keepable';
import type { Memory } from './memory';
import type { NewMemory, Utterance } from './provider';
import { extractFacts } from './salience';
import type { ZepId } from './zep-map';

/**
 * Zep's words and ours. A memory is one of Zep's episodes, or several where it is longer than one may be: messages of a thread where it
 * is a turn of a conversation, else episodes of the person's graph. What Zep has no place for travels in the metadata of the first
 * piece, of which Zep takes 10 scalar keys: five that say which piece of what this is, the type, and `keepsake` with the rest as JSON.
 */
export const operationKey = 'keepsake_operation';
const idKey = 'keepsake_id';

/** Zep's documentation, "Adding messages" and "Adding business data". */
const messageCharacters = 4_096;
const episodeCharacters = 10_000;
const metadataKeys = 10;
/** Zep tells no limit of a value's length; metadata of the caller that are longer as JSON lie in our own database, beside the id. */
const metadataCharacters = 2_000;

const queryCharacters = 400;

const turnTypes = new Set(['conversation', 'message']);

const date = z.coerce.date();
const record = z.record(z.string(), z.unknown());

/** An episode as single reads, lists and search give it; of a thread's messages, too. Only what is used. */
export const zepEpisode = z
  .object({
    uuid: z.string(),
    content: z.string(),
    createdAt: date,
    metadata: record.nullish(),
    threadId: z.string().nullish(),
    /** Who said it, and as what. */
    role: z.string().nullish(),
    roleType: z.string().nullish(),
  })
  .transform(keepable);
export type ZepEpisode = z.output<typeof zepEpisode>;

/** A message as its thread gives it, which calls the same things otherwise. */
const zepMessage = z
  .object({ name: z.string().nullish(), role: z.string(), content: z.string(), createdAt: date })
  .extend({ uuid: z.string(), metadata: record.nullish() })
  .transform(({ name, role, ...message }): ZepEpisode => keepable({ ...message, role: name, roleType: role }));

export const zepEpisodePage = z.object({ episodes: z.array(zepEpisode), nextCursor: z.string().nullish() });
export const zepFound = z.object({ episodes: z.array(zepEpisode).nullish() });
export const zepThread = z.object({ messages: z.array(zepMessage).nullish() });
export const zepEpisodeAdded = z.object({ uuid: z.string() });
export const zepMessagesAdded = z.object({ messageUuids: z.array(z.string()) });
const zepUser = z.object({ userId: z.string(), createdAt: date });
export const zepUsers = z.object({ users: z.array(zepUser).nullish() });

/** Which piece of which memory an episode is; of one that is none of ours undefined. */
const mark = z.object({
  [idKey]: z.uuid(),
  [operationKey]: z.uuid(),
  keepsake_version: z.number().int(),
  keepsake_piece: z.number().int(),
  keepsake_pieces: z.number().int(),
});

const ours = z.object({
  topic: z.string().nullable(),
  tags: z.array(z.string()),
  sessionId: z.string().nullable(),
  speaker: z.string().nullable(),
  at: date,
  updatedAt: date,
  expiresAt: date.nullable(),
  supersededBy: z.string().nullable(),
  metadata: record.optional(),
});

/** A memory on its way to Zep. */
export interface Draft {
  memory: Memory;
  operationId: string;
  role: Utterance['role'];
}

/** What is sent of one piece, and its row in the map. */
export interface Piece {
  row: ZepId;
  role: Utterance['role'];
  name: string | null;
  content: string;
  metadata: Record<string, unknown>;
  /** It was sent, now or by an earlier attempt. */
  wasSent: boolean;
}

/** The memories that a write makes. Ids derive from the write, the first one is its own, as the local provider's: sent again, it makes the same ones. */
export function toDrafts(write: NewMemory, now: Date): Draft[] {
  const { operationId, userId, type, topic, tags, metadata, sessionId, expiresAt, supersededBy = null } = write;
  const kept = keepable(write.infer ? extractFacts(write.utterances) : write.utterances);
  return kept.flatMap(({ role, name: speaker, content: text, at }, i) => {
    const id = i === 0 ? operationId : derivedId(operationId, i);
    const common = { userId, type, topic, tags, metadata, sessionId, speaker, expiresAt, supersededBy };
    const memory = keepable({ id, text, ...common, createdAt: at ?? write.at, updatedAt: now });
    return text === '' ? [] : [{ memory, operationId, role }];
  });
}

/** Texts of at most so many UTF-16 units, which joined are the text; no character is cut in two. */
export function toPieces(text: string, longest: number): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (from < text.length) {
    const isInside = /[\ud800-\udbff]/.test(text.charAt(from + longest - 1)) && from + longest < text.length;
    const to = from + longest - (isInside ? 1 : 0);
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

/** What of a query Zep takes. */
export const toQuery = (query: string): string => toPieces(keepable(query), queryCharacters)[0] ?? ' ';

const isTurn = ({ type, sessionId }: Memory) => sessionId !== null && turnTypes.has(type.toLowerCase());

const hasRoom = (memory: Memory) => JSON.stringify(memory.metadata).length <= metadataCharacters;

/** What the first piece's metadata say of its memory; they take the place of what they said before. */
export function toContents(memory: Memory): Record<string, unknown> {
  const { topic, tags, sessionId, speaker, createdAt: at, updatedAt, expiresAt, supersededBy, metadata } = memory;
  const kept = { topic, tags, sessionId, speaker, at, updatedAt, expiresAt, supersededBy };
  return { keepsake_type: memory.type, keepsake: JSON.stringify(hasRoom(memory) ? { ...kept, metadata } : kept) };
}

/** What of a memory's metadata lies in the map. */
export const toMapMetadata = (memory: Memory) => (hasRoom(memory) ? null : memory.metadata);

/** The pieces of a memory's text; `version` tells its texts apart. */
export function toDraftPieces({ memory, operationId, role }: Draft, version = 0, kept?: ZepId): Piece[] {
  const { id: memoryId, userId, type, speaker: name, createdAt: at, updatedAt: changedAt, expiresAt } = memory;
  const kind = kept?.kind ?? (isTurn(memory) ? 'message' : 'episode');
  const ofMemory = {
    userId,
    operationId,
    type,
    at,
    changedAt,
    expiresAt,
    zepId: null,
    state: 'sending' as const,
    kind,
  };
  // A session's id is the caller's, and may be somebody else's, too; a thread belongs to one person.
  const threadId = kind === 'message' ? (kept?.threadId ?? derivedId('thread', userId, memory.sessionId ?? '')) : null;
  const contents = toPieces(memory.text, kind === 'message' ? messageCharacters : episodeCharacters);
  return contents.map((content, piece) => ({
    row: { ...ofMemory, memoryId, version, piece, threadId, metadata: piece === 0 ? toMapMetadata(memory) : null },
    ...{ role, name, content, wasSent: false },
    metadata: {
      ...{ [idKey]: memoryId, [operationKey]: operationId, keepsake_version: version },
      ...{ keepsake_piece: piece, keepsake_pieces: contents.length },
      ...(piece === 0 && toContents(memory)),
    },
  }));
}

/** As what a piece was said. */
export const toRole = (episode: ZepEpisode | undefined): Utterance['role'] =>
  (['assistant', 'system'] as const).find((role) => role === episode?.roleType) ?? 'user';

/** Whether metadata can be put beside what is there. */
export const hasRoomFor = (episode: ZepEpisode, metadata: Record<string, unknown>): boolean =>
  Object.keys({ ...episode.metadata, ...metadata }).length <= metadataKeys;

/** The row of the map that an episode at Zep says it has; of one that is none of ours a row of its own. */
export function toRow(episode: ZepEpisode, userId: string, now: Date): ZepId {
  const known = mark.safeParse(episode.metadata).data;
  const { threadId = null, uuid: zepId } = episode;
  return {
    memoryId: known?.[idKey] ?? zepId,
    version: known?.keepsake_version ?? 0,
    piece: known?.keepsake_piece ?? 0,
    operationId: known?.[operationKey] ?? zepId,
    ...{ userId, zepId, threadId, state: 'stored', changedAt: now, metadata: null },
    kind: threadId === null ? 'episode' : 'message',
    ...toTyped(episode),
  };
}

function toTyped({ metadata, threadId, createdAt }: ZepEpisode) {
  const said = contentsOf(metadata);
  const type = metadata?.keepsake_type ?? (said ? undefined : metadata?.type);
  const fallback = threadId ? 'conversation' : 'fact';
  const expiresAt = said?.expiresAt ?? null;
  return { type: typeof type === 'string' ? type : fallback, at: said?.at ?? createdAt, expiresAt };
}

function contentsOf(metadata: ZepEpisode['metadata']) {
  try {
    return ours.safeParse(JSON.parse(String(metadata?.keepsake))).data;
  } catch {
    return undefined;
  }
}

/** How many pieces the memory of an episode has. */
const piecesOf = (episode: ZepEpisode) => mark.safeParse(episode.metadata).data?.keepsake_pieces ?? 1;

/** The memory of these pieces, which are in order; null where one is missing. `row` is the first one's. */
export function toMemory(row: ZepId, pieces: ZepEpisode[]): Memory | null {
  const [first] = pieces;
  if (!first || piecesOf(first) !== pieces.length) return null;
  const said = contentsOf(first.metadata);
  const common = { id: row.memoryId, userId: row.userId, text: pieces.map(({ content }) => content).join('') };
  if (said) {
    const { at: createdAt, metadata = row.metadata ?? {}, ...rest } = said;
    return { ...common, ...rest, type: row.type, metadata, createdAt };
  }
  return {
    ...common,
    ...{ type: row.type, topic: null, tags: [], metadata: first.metadata ?? {}, sessionId: first.threadId ?? null },
    ...{ speaker: first.role ?? null, createdAt: first.createdAt, updatedAt: row.changedAt },
    ...{ expiresAt: null, supersededBy: null },
  };
}
