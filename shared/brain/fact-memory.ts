import type { OutboxWrite } from '../database/schema';
import type { AcceptedWrite } from '../memory/outbox-contract';
import { brainType, type Memory, type Metadata } from '../memory/memory';
import type { NewMemory } from '../memory/provider';
import type { Fact, Owner } from './brain-contract';
import type { FactRow } from './fact-tables';

/** What the provider keeps beside a fact's words, so that its memory can be known as a fact's, and whose. */
const toMetadata = ({ kind }: Pick<Owner, 'kind'>, { slug, category, extraMetadata }: FactRow): Metadata => ({
  ...extraMetadata,
  ...{ slug, category, owner: kind },
});

/** The fact that a memory says, and whose it is; null where it is none. */
export function readFact({ type, userId, text, metadata }: Memory): { owner: Owner; fact: Required<Fact> } | null {
  const { slug, category, owner: kind, ...rest } = metadata;
  if (type !== brainType || typeof slug !== 'string' || (kind !== 'users' && kind !== 'companies')) return null;
  const fact = { slug, category: typeof category === 'string' ? category : brainType, content: text, metadata: rest };
  return { owner: { kind, id: userId }, fact };
}

const common = { type: brainType, tags: [], sessionId: null, expiresAt: null };

/** A new fact as it goes to the provider: word for word. Its topic is its category, so that no model is asked. */
export function toNewMemory(owner: Owner, row: FactRow): NewMemory {
  const { addedBy: operationId, content, category: topic, updatedAt: at } = row;
  const utterances = [{ role: 'user' as const, name: null, content, at }];
  return {
    ...common,
    operationId,
    userId: owner.id,
    utterances,
    topic,
    metadata: toMetadata(owner, row),
    at,
    infer: false,
  };
}

/** What the provider's memory of a fact is to be; until it has an id it goes by the write that adds it. */
function toMemory(owner: Owner, row: FactRow): Memory {
  const { memoryId, addedBy, content: text, category: topic, createdAt, updatedAt } = row;
  const dated = { createdAt, updatedAt, speaker: null, supersededBy: null };
  return {
    ...common,
    ...dated,
    id: memoryId ?? addedBy,
    userId: owner.id,
    text,
    topic,
    metadata: toMetadata(owner, row),
  };
}

/** The write that carries a row to the provider: its first one adds the memory, all others change it. */
export function toWrite(owner: Owner, row: FactRow): AcceptedWrite {
  const { operationId, addedBy } = row;
  const changed = toMemory(owner, row);
  const { id: memoryId, text, metadata } = changed;
  const write: OutboxWrite =
    operationId === addedBy
      ? { kind: 'add', memory: toNewMemory(owner, row), origin: 'brain' }
      : { kind: 'update', memoryId, change: { text, metadata }, changed, origin: 'brain' };
  return { userId: owner.id, operationId, write };
}

/** The write that takes a row's memory out of the provider. */
export const toRemoval = (owner: Owner, memoryId: string, operationId: string): AcceptedWrite => ({
  ...{ userId: owner.id, operationId, write: { kind: 'delete', memoryId } },
});
