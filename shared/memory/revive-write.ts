import type { OutboxWrite } from '../database/schema';
import type { Memory } from './memory';
import type { NewMemory } from './provider';

const date = <T extends Date | null | undefined>(value: T): T => (value ? (new Date(value) as T) : value);

const reviveAdd = (memory: NewMemory): NewMemory => ({
  ...memory,
  at: date(memory.at),
  expiresAt: date(memory.expiresAt),
  utterances: memory.utterances.map((utterance) => ({ ...utterance, at: date(utterance.at) })),
});

const reviveMemory = (memory: Memory): Memory => ({
  ...memory,
  createdAt: date(memory.createdAt),
  updatedAt: date(memory.updatedAt),
  expiresAt: date(memory.expiresAt),
});

/** A write as it was accepted, from its JSON, which knows no dates. */
export function reviveWrite(write: OutboxWrite): OutboxWrite {
  switch (write.kind) {
    case 'add':
      return { ...write, memory: reviveAdd(write.memory) };
    case 'update': {
      const change = { ...write.change, expiresAt: date(write.change.expiresAt) };
      return { ...write, change, ...(write.changed && { changed: reviveMemory(write.changed) }) };
    }
    case 'delete':
      return write;
  }
}
