import { createLoopbackServer, type LoopbackReply, type LoopbackRequest, type LoopbackServer } from './faults';
import { FilterValidationError, type Mem0Row, toPredicate, userOf } from './mem0-server-filters';
import { type AddBody, createMem0Store, type Mem0Store } from './mem0-server-store';

export interface Mem0Server extends LoopbackServer {
  /** The one key that it takes; may be changed. */
  apiKey: string;
  store: Mem0Store;
}

/** Mem0 Cloud on loopback, as its OpenAPI document describes it, on a clock of the test's own. */
export async function createMem0Server({ now = () => new Date() }: { now?: () => Date } = {}): Promise<Mem0Server> {
  const store = createMem0Store(now);
  const handle = (request: LoopbackRequest): LoopbackReply => {
    if (request.headers.authorization !== `Token ${server.apiKey}`)
      return { status: 401, body: { detail: 'Invalid API key.' } };
    store.settle();
    for (const [method, pattern, route] of routes) {
      const match = method === request.method ? pattern.exec(request.path) : null;
      if (match) return route({ ...request, store, now, parts: match.slice(1).map(decodeURIComponent) });
    }
    return { status: 404, body: { detail: 'Not found.' } };
  };
  const server: Mem0Server = Object.assign(await createLoopbackServer(handle), { apiKey: 'm0-test-key', store });
  return server;
}

interface RouteRequest extends LoopbackRequest {
  store: Mem0Store;
  now: () => Date;
  parts: string[];
}

const ok = (body: unknown): LoopbackReply => ({ status: 200, body });
const bad = (error: string): LoopbackReply => ({ status: 400, body: { error } });
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const day = /^\d{4}-\d{2}-\d{2}$/;

/** Expired and replaced rows are hidden unless they are asked for. */
const isShown = (row: Mem0Row, request: RouteRequest) =>
  request.body.show_expired === true ||
  (row.replaced_by === null &&
    (row.expiration_date === null || row.expiration_date >= request.now().toISOString().slice(0, 10)));

/** Lists and single reads name the run `session_id`; search names it `run_id`. */
const toListed = ({ run_id, ...row }: Mem0Row) => ({
  ...row,
  session_id: run_id,
  structured_attributes: {},
  synthesized: false,
});
const toFound = ({ replaced_by: _, ...row }: Mem0Row, score: number) => ({
  ...row,
  score,
  score_breakdown: { semantic: score },
});

/** A page, or the 404 that a page past the last one is. */
function paged<T>(items: T[], request: RouteRequest, more: object = {}): LoopbackReply {
  const page = Number(request.query.get('page') ?? 1);
  const size = Math.min(Number(request.query.get('page_size') ?? 100), 200);
  if (!Number.isInteger(page) || page < 1 || (page > 1 && (page - 1) * size >= items.length))
    return { status: 404, body: { detail: 'Invalid page.' } };
  const link = (to: number) => `https://api.mem0.ai${request.path}?page=${to}&page_size=${size}`;
  return ok({
    count: items.length,
    next: page * size < items.length ? link(page + 1) : null,
    previous: page > 1 ? link(page - 1) : null,
    results: items.slice((page - 1) * size, page * size),
    ...more,
  });
}

/** The rows that a request's filters let through, newest first; the vendor's 400 where they are wrong. */
function filtered(request: RouteRequest, reply: (rows: Mem0Row[]) => LoopbackReply): LoopbackReply {
  if (['user_id', 'agent_id', 'run_id'].some((name) => name in request.body))
    return bad('Entity IDs must be passed in filters');
  try {
    const isWanted = toPredicate(request.body.filters);
    const userId = userOf(request.body.filters);
    const ofUser = userId === null ? request.store.rows : request.store.rows.filter((row) => row.user_id === userId);
    const rows = ofUser.filter((row) => isWanted(row) && isShown(row, request));
    return reply(rows.sort((a, b) => b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id)));
  } catch (error) {
    if (error instanceof FilterValidationError) return bad(error.message);
    throw error;
  }
}

function add({ store, body }: RouteRequest): LoopbackReply {
  const { messages, user_id, agent_id, run_id, infer = true, expiration_date = null, timestamp } = body as AddBody;
  if (!Array.isArray(messages) || messages.length === 0) return bad('messages is required');
  if (
    !messages.every(
      ({ role, content }) => ['user', 'assistant', 'system'].includes(role) && typeof content === 'string',
    )
  )
    return bad('messages are not valid');
  if (!(user_id ?? agent_id ?? run_id)) return bad('At least one entity ID is required');
  if (expiration_date !== null && !day.test(expiration_date)) return bad('expiration_date must be YYYY-MM-DD');
  if (timestamp !== undefined && !Number.isInteger(timestamp)) return bad('timestamp must be an integer');
  if (infer) {
    const event = store.open('ADD', body, () => store.extract(body), true);
    return ok({ event_id: event.id, status: 'PENDING' });
  }
  const { id, results } = store.open('ADD', body, () => store.keep(body, messages), false);
  return ok({ message: 'Memories stored', status: 'SUCCEEDED', event_id: id, results });
}

function search(request: RouteRequest): LoopbackReply {
  const { query, top_k = 10, threshold = 0.1, keywords } = request.body;
  if (typeof query !== 'string' || query === '') return bad('query is required');
  if (keywords !== undefined) return { status: 500, body: { error: 'Internal server error' } };
  const words = (text: string) => text.toLowerCase().match(/\p{L}+|\p{N}+/gu) ?? [];
  const wanted = [...new Set(words(query))];
  request.store.open('SEARCH', request.body, () => [], false);
  return filtered(request, (rows) => {
    const scored = rows.map((row) => {
      const held = new Set(words(row.memory));
      return toFound(row, wanted.filter((word) => held.has(word)).length / Math.max(1, wanted.length));
    });
    const results = scored.filter(({ score }) => score >= threshold).sort((a, b) => b.score - a.score);
    return ok({ results: results.slice(0, top_k) });
  });
}

/** One memory by the id in the path. */
function withMemory({ store, parts }: RouteRequest, reply: (row: Mem0Row) => LoopbackReply): LoopbackReply {
  const [id = ''] = parts;
  if (!uuid.test(id)) return bad('memory_id should be a valid UUID');
  const row = store.rows.find((known) => known.id === id);
  return row ? reply(row) : { status: 404, body: { error: 'Memory not found!' } };
}

function update(request: RouteRequest): LoopbackReply {
  return withMemory(request, (row) => {
    const { text, metadata, expiration_date } = request.body;
    if (text === undefined && metadata === undefined && expiration_date === undefined) return bad('Nothing to update');
    if (typeof expiration_date === 'string' && !day.test(expiration_date))
      return bad('expiration_date must be YYYY-MM-DD');
    request.store.change(row, {
      ...(text !== undefined && { memory: text }),
      ...(metadata !== undefined && { metadata }),
      ...(expiration_date !== undefined && { expiration_date }),
    });
    return ok(toListed(row));
  });
}

/** Calls `change` for each memory of a batch that is there. */
function batch(
  { store, body }: RouteRequest,
  done: string,
  change: (row: Mem0Row, item: { text?: string; metadata?: Record<string, unknown> }) => void,
): LoopbackReply {
  const items: { memory_id: string; text?: string; metadata?: Record<string, unknown> }[] = body?.memories ?? [];
  if (items.length > 1000) return bad(`Maximum of 1000 memories can be ${done} in a single request`);
  const found = items.flatMap((item) =>
    store.rows.filter(({ id }) => id === item.memory_id).map((row) => ({ row, item })),
  );
  for (const { row, item } of found) change(row, item);
  return ok({ message: `Successfully ${done} ${found.length} memories` });
}

function deleteUser({ store, parts }: RouteRequest): LoopbackReply {
  const [name = ''] = parts;
  const work = () => {
    for (const row of store.rows.filter(({ user_id }) => user_id === name)) store.remove(row);
    const left = store.entities.filter((entity) => !(entity.type === 'user' && entity.name === name));
    store.entities.splice(0, store.entities.length, ...left);
    return [];
  };
  const { id } = store.open('DELETE', { user_id: name }, work, true);
  return ok({ message: 'Delete in progress. This may take some time.', event_id: id });
}

const entities = (request: RouteRequest) => {
  const { entities: all, rows } = request.store;
  const ofType = (type: string) => all.filter((entity) => entity.type === type);
  const totals = new Map<string, number>();
  for (const row of rows) {
    for (const type of ['user', 'agent', 'app', 'run'] as const) {
      const key = `${type} ${row[`${type}_id`]}`;
      totals.set(key, (totals.get(key) ?? 0) + 1);
    }
  }
  const counted = all.map((entity) => ({
    ...entity,
    total_memories: totals.get(`${entity.type} ${entity.name}`) ?? 0,
  }));
  return paged(counted, request, { total_users: ofType('user').length, total_runs: ofType('run').length });
};

const pick = (fields: string[] | undefined) => (row: object) =>
  fields ? Object.fromEntries(Object.entries(row).filter(([name]) => fields.includes(name))) : row;

/** Method, path and what happens; the path's parameters come in the order of their groups. */
export const routes: [string, RegExp, (request: RouteRequest) => LoopbackReply][] = [
  [
    'GET',
    /^\/v1\/ping\/$/,
    () => ok({ status: 'ok', org_id: 'org', project_id: 'project', user_email: 'owner@example.com' }),
  ],
  ['POST', /^\/v3\/memories\/add\/$/, add],
  ['POST', /^\/v3\/memories\/search\/$/, search],
  [
    'POST',
    /^\/v3\/memories\/$/,
    (request) => filtered(request, (rows) => paged(rows.map(toListed).map(pick(request.body.fields)), request)),
  ],
  [
    'GET',
    /^\/v1\/memories\/([^/]+)\/history\/$/,
    ({ store, parts }) => ok(store.history.filter(({ memory_id }) => memory_id === parts[0])),
  ],
  ['GET', /^\/v1\/memories\/([^/]+)\/$/, (request) => withMemory(request, (row) => ok(toListed(row)))],
  ['PUT', /^\/v1\/memories\/([^/]+)\/$/, update],
  [
    'DELETE',
    /^\/v1\/memories\/([^/]+)\/$/,
    (request) =>
      withMemory(request, (row) => {
        request.store.remove(row);
        return ok({ message: 'Memory deleted successfully!' });
      }),
  ],
  [
    'PUT',
    /^\/v1\/batch\/$/,
    (request) =>
      batch(request, 'updated', (row, { text = row.memory, metadata = row.metadata ?? undefined }) =>
        request.store.change(row, { memory: text, metadata: metadata ?? null }),
      ),
  ],
  ['DELETE', /^\/v1\/batch\/$/, (request) => batch(request, 'deleted', (row) => request.store.remove(row))],
  ['GET', /^\/v1\/entities\/$/, entities],
  ['DELETE', /^\/v2\/entities\/user\/([^/]+)\/$/, deleteUser],
  ['GET', /^\/v1\/events\/$/, (request) => paged([...request.store.events].reverse(), request)],
  [
    'GET',
    /^\/v1\/event\/([^/]+)\/$/,
    ({ store, parts }) => {
      const event = store.events.find(({ id }) => id === parts[0]);
      return event ? ok(event) : { status: 404, body: { error: 'Event not found' } };
    },
  ],
];
