import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Memory } from '../memory/memory';
import tables from './mapping.json';
import { MigrationError, type MigrationItem } from './migration-contract';

const words = z.record(z.string().min(1).max(64), z.string().min(1).max(64));

/** A file that overrides the tables: what it names is changed or added, the rest holds. */
const overrides = z
  .strictObject({
    user_roles: words,
    message_roles: z.record(z.string().min(1).max(64), z.enum(['user', 'assistant', 'system'])),
    memory_types: words,
    /** Of the types at the target, those that are turns of a conversation where they have a session. */
    message_types: z.array(z.string()),
    /** By target: `mem0`, `zep`, `local`. Vendors' prices change, so none is built in. */
    usd_per_1000_items: z.record(z.string(), z.number().nonnegative()),
  })
  .partial();

export type Mapping = Required<z.output<typeof overrides>>;

/** A memory as the source has it; `role` where it says who spoke by a role. */
export type SourceRecord = Memory & { role: string | null };

const builtIn = tables as Mapping;

/** The tables of mapping.json, with what a file overrides. Rejects with `MigrationError` where the file cannot be read or does not fit. */
export async function loadMapping(file: string | undefined): Promise<Mapping> {
  if (file === undefined) return builtIn;
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new MigrationError('mapping', `The mapping file cannot be read (${cause.code}).`, { cause });
  });
  const given = readTables(text);
  const merged = Object.entries(given).map(([name, table]) => {
    return [name, Array.isArray(table) ? table : { ...builtIn[name as keyof Mapping], ...table }];
  });
  return { ...builtIn, ...Object.fromEntries(merged) };
}

function readTables(text: string): Partial<Mapping> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new MigrationError('mapping', 'The mapping file is not JSON.', { cause });
  }
  const { data, error } = overrides.safeParse(json);
  if (data) return data as Partial<Mapping>;
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new MigrationError('mapping', `The mapping file does not fit: ${problems.join('; ')}`);
}

/** A role of a person's in the target's words; one that is not in the table stays as it is. */
export const toUserRole = ({ user_roles }: Mapping, role: string): string => user_roles[role] ?? role;

/**
 * A record in the target's words. A role or type that the tables do not know is carried as it is, and noted. Who spoke by a role alone
 * is the speaker, so that it is not lost where a provider keeps names and no roles.
 */
export function toItem({ message_roles, memory_types, message_types }: Mapping, record: SourceRecord): MigrationItem {
  const { id: sourceId, userId, text: content, type: said, role: saidRole, sessionId, supersededBy } = record;
  const { topic, tags, metadata, createdAt, expiresAt } = record;
  const word = saidRole ?? (record.speaker !== null && message_roles[record.speaker] ? record.speaker : 'user');
  const role = message_roles[word] ?? 'user';
  const speaker = record.speaker ?? (word === 'user' ? null : role === 'user' ? word : role);
  const type = memory_types[said] ?? said;
  const isMessage = sessionId !== null && message_types.includes(type);
  const unmapped = [...(memory_types[said] ? [] : [`type:${said}`]), ...(message_roles[word] ? [] : [`role:${word}`])];
  return {
    ...{ sourceId, userId, content, type, role, speaker, sessionId, supersededBy, unmapped },
    ...{ topic, tags, metadata, createdAt, expiresAt },
    kind: type === 'metadata' ? 'metadata' : isMessage ? 'message' : 'memory',
  };
}
