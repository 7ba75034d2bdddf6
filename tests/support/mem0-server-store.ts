import { randomUUID } from 'node:crypto';
import type { Mem0Row } from './mem0-server-filters';

export interface Mem0Event {
  id: string;
  event_type: string;
  status: 'PENDING' | 'SUCCEEDED' | 'FAILED';
  payload: Record<string, unknown>;
  metadata: null;
  results: { id: string; data: { memory: string }; event: string }[];
  created_at: string;
  updated_at: string;
  started_at: string;
  completed_at?: string;
  latency?: number;
}

export interface Mem0History {
  id: string;
  memory_id: string;
  input: { role: string; content: string }[];
  old_memory: string | null;
  new_memory: string;
  user_id: string;
  event: 'ADD' | 'UPDATE' | 'DELETE';
  metadata: Record<string, unknown> | null;
  created_at: string;
  updated_at: string;
}

export interface Mem0Entity {
  id: string;
  name: string;
  type: 'user' | 'agent' | 'app' | 'run';
  owner: string;
  metadata: null;
  created_at: string;
  updated_at: string;
}

/** An add as it comes over the wire. */
export interface AddBody {
  messages: { role: string; content: string }[];
  user_id?: string;
  agent_id?: string;
  app_id?: string;
  run_id?: string;
  metadata?: Record<string, unknown>;
  infer?: boolean;
  timestamp?: number;
  expiration_date?: string | null;
}

/** What the vendor keeps. Work that it does later is done by `settle`, once `laterMs` have passed on the clock. */
export function createMem0Store(now: () => Date) {
  const rows: Mem0Row[] = [];
  const events: Mem0Event[] = [];
  const history: Mem0History[] = [];
  const entities: Mem0Entity[] = [];
  const later = new Map<string, () => Mem0Event['results']>();

  const record = (
    row: Mem0Row,
    event: Mem0History['event'],
    before: string | null,
    input: Mem0History['input'] = [],
  ) => {
    const at = now().toISOString();
    history.push({
      ...{ id: randomUUID(), memory_id: row.id, input, old_memory: before, new_memory: row.memory, event },
      ...{ user_id: row.user_id ?? '', metadata: row.metadata, created_at: at, updated_at: at },
    });
    for (const type of ['user', 'agent', 'app', 'run'] as const) {
      const name = row[`${type}_id`];
      if (name === null) continue;
      const entity = entities.find((known) => known.type === type && known.name === name);
      if (entity) entity.updated_at = at;
      else
        entities.push({ id: randomUUID(), name, type, owner: 'owner', metadata: null, created_at: at, updated_at: at });
    }
  };

  const store = {
    rows,
    events,
    history,
    entities,
    /** How long extraction and the deletion of a user take. */
    laterMs: 0,
    /** Whether the extraction of an add fails. */
    fails: (_body: AddBody): boolean => false,

    keep(body: AddBody, messages: AddBody['messages']): Mem0Event['results'] {
      const { user_id = null, agent_id = null, app_id = null, run_id = null, metadata = null } = body;
      const at = now().toISOString();
      return messages.map(({ content }) => {
        const row: Mem0Row = {
          ...{ id: randomUUID(), memory: content, user_id, agent_id, app_id, run_id, metadata, categories: [] },
          created_at: body.timestamp === undefined ? at : new Date(body.timestamp * 1000).toISOString(),
          ...{ updated_at: at, expiration_date: body.expiration_date ?? null, replaced_by: null },
        };
        rows.push(row);
        record(row, 'ADD', null, messages);
        return { id: row.id, data: { memory: content }, event: 'ADD' };
      });
    },
    change(row: Mem0Row, values: Partial<Mem0Row>): void {
      const before = row.memory;
      Object.assign(row, values, { updated_at: now().toISOString() });
      record(row, 'UPDATE', before);
    },
    remove(row: Mem0Row): void {
      rows.splice(rows.indexOf(row), 1);
      record(row, 'DELETE', row.memory);
    },
    /** An event that is done at once, or PENDING until `settle` runs its work. */
    open(event_type: string, payload: object, work: () => Mem0Event['results'], isLater: boolean): Mem0Event {
      const at = now().toISOString();
      const event: Mem0Event = {
        ...{ id: randomUUID(), event_type, status: 'PENDING', payload: { ...payload }, metadata: null, results: [] },
        ...{ created_at: at, updated_at: at, started_at: at },
      };
      events.push(event);
      later.set(event.id, work);
      if (!isLater) finish(event);
      return event;
    },
    /** The extraction: what the person said, each message a memory; two words or fewer are small talk. */
    extract(body: AddBody): Mem0Event['results'] {
      if (store.fails(body)) throw new Error('The extraction failed');
      const said = body.messages.filter(
        ({ role, content }) => role === 'user' && content.trim().split(/\s+/).length > 2,
      );
      return store.keep(body, said);
    },
    settle(): void {
      for (const event of events) {
        if (event.status === 'PENDING' && Date.parse(event.created_at) + store.laterMs <= now().getTime())
          finish(event);
      }
    },
  };

  const finish = (event: Mem0Event) => {
    const work = later.get(event.id);
    later.delete(event.id);
    try {
      event.results = work?.() ?? [];
      event.status = 'SUCCEEDED';
    } catch {
      event.status = 'FAILED';
    }
    event.completed_at = now().toISOString();
    event.updated_at = event.completed_at;
    event.latency = Date.parse(event.completed_at) - Date.parse(event.created_at);
  };
  return store;
}

export type Mem0Store = ReturnType<typeof createMem0Store>;
