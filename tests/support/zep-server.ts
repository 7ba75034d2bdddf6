import { createLoopbackServer, type LoopbackReply, type LoopbackRequest, type LoopbackServer } from './faults';
import { createZepStore, type ZepMetadata, type ZepStore } from './zep-server-store';

export interface ZepServer extends LoopbackServer {
  /** The one key that it takes; may be changed. */
  apiKey: string;
  store: ZepStore;
}

export interface ZepServerOptions {
  now?: () => Date;
  /** How long each reply takes, where no fault decides otherwise. */
  latencyMs?: number;
}

/** Zep Cloud on loopback, as its SDK 3.30 asks it, with the limits of its documentation, on a clock of the test's own. */
export async function createZepServer({ now = () => new Date(), latencyMs = 0 }: ZepServerOptions = {}) {
  const store = createZepStore(now);
  const handle = (request: LoopbackRequest): LoopbackReply => {
    if (request.headers.authorization !== `Api-Key ${server.apiKey}`)
      return { status: 401, body: { message: 'unauthorized' } };
    for (const [method, pattern, route] of routes) {
      const match = method === request.method ? pattern.exec(request.path) : null;
      if (match) return route({ ...request, store, now, id: decodeURIComponent(match[1] ?? '') });
    }
    return notFound('page not found');
  };
  const server: ZepServer = Object.assign(await createLoopbackServer(handle), { apiKey: 'z_test_key', store });
  if (latencyMs > 0) server.fault = () => ({ kind: 'slow', ms: latencyMs });
  return server;
}

interface RouteRequest extends LoopbackRequest {
  store: ZepStore;
  now: () => Date;
  /** The path's parameter. */
  id: string;
}

const ok = (body: unknown, headers?: Record<string, string>): LoopbackReply => ({ status: 200, body, headers });
const bad = (message: string): LoopbackReply => ({ status: 400, body: { message } });
const notFound = (message: string): LoopbackReply => ({ status: 404, body: { message } });

const roles = ['norole', 'system', 'assistant', 'user', 'function', 'tool'];
const isScalar = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);
const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Why metadata are not taken; null where they are. In a change null takes a key out. */
function metadataProblem(metadata: unknown, isChange = false): string | null {
  if (metadata === undefined) return null;
  if (typeof metadata !== 'object' || metadata === null) return 'metadata must be an object';
  if (Object.keys(metadata).length > 10) return 'metadata must have at most 10 keys';
  const fits = (value: unknown) =>
    isScalar(value) || (Array.isArray(value) && value.every(isScalar)) || (isChange && value === null);
  return Object.values(metadata).every(fits) ? null : 'metadata values must be scalars';
}

/** Why a text is not taken; null where it is. */
function textProblem(text: unknown, longest: number): string | null {
  if (typeof text !== 'string' || text === '') return 'content is required';
  if (text.length > longest) return `content must be at most ${longest} characters`;
  return text.includes('\0') || !text.isWellFormed() ? 'content must be valid text' : null;
}

const timeProblem = (at: unknown) =>
  at === undefined || (typeof at === 'string' && rfc3339.test(at)) ? null : 'created_at must be RFC 3339';

function addUser({ store, body }: RouteRequest): LoopbackReply {
  const { user_id: userId, metadata } = body;
  if (typeof userId !== 'string' || userId === '') return bad('user_id is required');
  if (store.users.has(userId)) return bad('user already exists');
  return { status: 201, body: store.addUser(userId, metadata ?? null) };
}

function listUsers({ store, query }: RouteRequest): LoopbackReply {
  const page = Number(query.get('pageNumber') ?? 1);
  const size = Number(query.get('pageSize') ?? 50);
  const all = [...store.users.values()];
  const users = all.slice((page - 1) * size, page * size);
  return ok({ users, row_count: users.length, total_count: all.length });
}

function addThread({ store, body, now }: RouteRequest): LoopbackReply {
  const { thread_id: threadId, user_id: userId } = body;
  if (!store.users.has(userId)) return notFound('user not found');
  if (store.threads.has(threadId)) return bad('thread already exists');
  store.threads.set(threadId, { userId, createdAt: now().toISOString(), messages: [] });
  return { status: 201, body: { thread_id: threadId, user_id: userId } };
}

function getThread({ store, id, query }: RouteRequest): LoopbackReply {
  const thread = store.threads.get(id);
  if (!thread) return notFound('thread not found');
  const lastn = Number(query.get('lastn') ?? 0);
  const from = Number(query.get('cursor') ?? 0);
  const page = lastn
    ? thread.messages.slice(-lastn)
    : thread.messages.slice(from, from + Number(query.get('limit') ?? 50));
  const counts = { row_count: page.length, total_count: thread.messages.length };
  return ok({ messages: page, ...counts, user_id: thread.userId, thread_created_at: thread.createdAt });
}

function addMessages({ store, id, body }: RouteRequest): LoopbackReply {
  const thread = store.threads.get(id);
  if (!thread) return notFound('thread not found');
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0) return bad('messages are required');
  if (messages.length > 30) return bad('at most 30 messages can be added at once');
  for (const { role, content, metadata, created_at } of messages) {
    const problem = textProblem(content, 4_096) ?? metadataProblem(metadata) ?? timeProblem(created_at);
    if (problem || !roles.includes(role)) return bad(problem ?? 'role is not valid');
  }
  const uuids = messages.map(({ role, name = null, content, metadata = {}, created_at }) => {
    const kept = { content, metadata: { ...metadata }, created_at, source: 'message' as const };
    const episode = store.addEpisode(thread.userId, { ...kept, role: name, role_type: role, thread_id: id });
    thread.messages.push({ ...kept, uuid: episode.uuid, role, name, created_at: episode.created_at });
    return episode.uuid;
  });
  return ok({ message_uuids: uuids });
}

const merged = (metadata: ZepMetadata, change: ZepMetadata): ZepMetadata =>
  Object.fromEntries(Object.entries({ ...metadata, ...change }).filter(([, value]) => value !== null));

function updateMessage({ store, id, body }: RouteRequest): LoopbackReply {
  const problem = metadataProblem(body.metadata, true);
  if (problem) return bad(problem);
  const message = store.updateMessage(id, (metadata) => merged(metadata, body.metadata));
  return message ? ok(message) : notFound('message not found');
}

function updateEpisode({ store, id, body }: RouteRequest): LoopbackReply {
  const episode = store.episode(id);
  if (!episode) return notFound('episode not found');
  const metadata = merged(episode.metadata, body.metadata);
  const problem = metadataProblem(body.metadata, true) ?? metadataProblem(metadata);
  if (problem) return bad(problem);
  episode.metadata = metadata;
  return ok(episode);
}

function addEpisode({ store, body }: RouteRequest): LoopbackReply {
  const { user_id: userId, data, type, metadata, created_at } = body;
  if (!store.users.has(userId)) return notFound('user not found');
  if (type !== 'text') return bad('type is not one that is used here');
  const problem = textProblem(data, 10_000) ?? metadataProblem(metadata) ?? timeProblem(created_at);
  if (problem) return bad(problem);
  const own = { role: null, role_type: null, thread_id: null, source: 'text' as const };
  return {
    status: 202,
    body: store.addEpisode(userId, { ...own, content: data, metadata: { ...metadata }, created_at }),
  };
}

interface Filters {
  type?: 'and' | 'or';
  filters?: { property_name: string; comparison_operator: string; property_value: unknown }[];
}

function listEpisodes({ store, id, body }: RouteRequest): LoopbackReply {
  if (!store.users.has(id)) return notFound('user not found');
  const { cursor = '0', limit = 100, mentioned_node_uuids: uuids, episode_metadata_filters: wanted } = body ?? {};
  if (uuids?.length > 256) return bad('at most 256 uuids');
  const only = uuids && new Set<string>(uuids);
  const fits = ({ type, filters = [] }: Filters, metadata: ZepMetadata) =>
    filters[type === 'or' ? 'some' : 'every'](
      ({ property_name: name, comparison_operator: operator, property_value: value }) =>
        operator === '=' && metadata[name] === value,
    );
  const all = store
    .episodesOf(id)
    .filter(({ uuid, metadata }) => (!only || only.has(uuid)) && (!wanted || fits(wanted, metadata)));
  if (body?.order_by !== 'created_at' || body?.direction !== 'desc') return bad('another order is not used here');
  const from = Number(Buffer.from(cursor, 'base64url').toString()) || 0;
  const to = from + Math.min(limit, 50);
  const next = to < all.length && { 'zep-next-cursor': Buffer.from(String(to)).toString('base64url') };
  return ok(all.slice(from, to), next || undefined);
}

function search({ store, body }: RouteRequest): LoopbackReply {
  const { query, user_id: userId, limit = 10, scope } = body;
  if (!store.users.has(userId)) return notFound('user not found');
  if (typeof query !== 'string' || query === '') return bad('query is required');
  if (query.length > 400) return bad('query must be at most 400 characters');
  if (limit > 50 || scope !== 'episodes') return bad('limit or scope is not valid');
  const words = (text: string) => text.toLowerCase().match(/\p{L}+|\p{N}+/gu) ?? [];
  const asked = [...new Set(words(query))];
  const scored = store.episodesOf(userId).map((episode) => {
    const held = new Set(words(episode.content));
    return { ...episode, score: asked.filter((word) => held.has(word)).length / Math.max(1, asked.length) };
  });
  const found = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
  return ok({ episodes: found.slice(0, limit) });
}

/** Method, path and what happens. */
const routes: [string, RegExp, (request: RouteRequest) => LoopbackReply][] = [
  ['GET', /^\/projects\/info$/, () => ok({ project: { name: 'test' } })],
  ['POST', /^\/users$/, addUser],
  ['GET', /^\/users-ordered$/, listUsers],
  [
    'GET',
    /^\/users\/([^/]+)$/,
    ({ store, id }) => (store.users.has(id) ? ok(store.users.get(id)) : notFound('user not found')),
  ],
  ['POST', /^\/threads$/, addThread],
  ['GET', /^\/threads\/([^/]+)\/messages$/, getThread],
  ['POST', /^\/threads\/([^/]+)\/messages$/, addMessages],
  [
    'DELETE',
    /^\/threads\/([^/]+)$/,
    ({ store, id }) => {
      if (!store.threads.has(id)) return notFound('thread not found');
      store.removeThread(id);
      return ok({ message: 'OK' });
    },
  ],
  ['PATCH', /^\/messages\/([^/]+)$/, updateMessage],
  ['POST', /^\/graph$/, addEpisode],
  ['POST', /^\/graph\/search$/, search],
  ['POST', /^\/graph\/episodes\/user\/([^/]+)$/, listEpisodes],
  [
    'GET',
    /^\/graph\/episodes\/([^/]+)$/,
    ({ store, id }) => {
      const episode = store.episode(id);
      return episode ? ok(episode) : notFound('episode not found');
    },
  ],
  ['PATCH', /^\/graph\/episodes\/([^/]+)$/, updateEpisode],
  [
    'DELETE',
    /^\/graph\/episodes\/([^/]+)$/,
    ({ store, id }) => {
      if (!store.episode(id)) return notFound('episode not found');
      store.removeEpisode(id);
      return ok({ message: `Episode with UUID ${id} successfully deleted.` });
    },
  ],
];
