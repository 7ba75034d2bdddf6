import { createLoopbackServer, type LoopbackReply, type LoopbackRequest, type LoopbackServer } from './faults';
import { type Collection, createCollection, type Query, RequestError, type Scored } from './qdrant-server-collection';

/** One request with its reply, to be held to Qdrant's OpenAPI document. */
export interface Exchange {
  /** As the document writes it: `/collections/{collection_name}/points`. */
  path: string;
  method: string;
  body: unknown;
  reply: LoopbackReply;
}

export interface QdrantServer extends LoopbackServer {
  exchanges: Exchange[];
  collections: Map<string, Collection>;
}

type Route = (collection: Collection, request: LoopbackRequest) => unknown;

/** What is done to a collection, by method and the rest of the path. */
const routes: Record<string, Route> = {
  'GET ': (collection) => collection.describe(),
  'PUT /index': (collection, { body }) => updated(collection.createIndex(body.field_name, body.field_schema)),
  'PUT /points': (collection, { body }) => updated(collection.upsert(body.points)),
  'POST /points': (collection, { body }) => collection.retrieve(body),
  'POST /points/delete': (collection, { body }) => updated(collection.delete(body)),
  'POST /points/query': (collection, { body }) => ({ points: collection.query(body) }),
  'POST /points/query/batch': (collection, { body }) => {
    const leaves = new Map<string, Scored[]>();
    return body.searches.map((search: Query) => ({ points: collection.query(search, leaves) }));
  },
  'POST /points/scroll': (collection, { body }) => collection.scroll(body),
  'POST /facet': (collection, { body }) => collection.facet(body),
};
const updates = new Set(['PUT /index', 'PUT /points', 'POST /points/delete']);

const updated = (operation_id: number) => ({ operation_id, status: 'completed' });

/**
 * A Qdrant on loopback, after its OpenAPI document 1.18, that scores for real and can be made to fail. A write that does not ask to
 * wait is put off until the next one, so that nobody reads what was only acknowledged.
 */
export async function createQdrantServer({ apiKey }: { apiKey?: string } = {}): Promise<QdrantServer> {
  const collections = new Map<string, Collection>();
  const exchanges: Exchange[] = [];
  const putOff: (() => unknown)[] = [];

  const carryOut = (request: LoopbackRequest): unknown => {
    const [isOurs, name = '', rest = ''] = /^\/collections\/([^/]+)(\/.*)?$/.exec(request.path) ?? [];
    if (!isOurs) throw new RequestError(404, 'Not found');
    const collection = collections.get(name);
    if (rest === '/exists') return { exists: collection !== undefined };
    if (rest === '' && request.method === 'PUT') {
      if (collection) throw new RequestError(409, `Wrong input: Collection \`${name}\` already exists!`);
      collections.set(name, createCollection(request.body));
      return true;
    }
    if (rest === '' && request.method === 'DELETE') return collections.delete(name);
    if (!collection) throw new RequestError(404, `Not found: Collection \`${name}\` doesn't exist!`);
    const key = `${request.method} ${rest}`;
    const route = routes[key];
    if (!route) throw new RequestError(404, 'Not found');
    if (!updates.has(key)) return route(collection, request);
    if (request.query.get('wait') !== 'true') {
      putOff.push(() => route(collection, request));
      return { operation_id: 0, status: 'acknowledged' };
    }
    for (const update of putOff.splice(0)) update();
    return route(collection, request);
  };

  const handle = (request: LoopbackRequest): LoopbackReply => {
    if (apiKey && request.headers['api-key'] !== apiKey) return { status: 401, body: 'Invalid API key or JWT' };
    try {
      return { status: 200, body: { result: carryOut(request), status: 'ok', time: 0.001 } };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return { status: error.status, body: { status: { error: error.message }, time: 0.001 } };
    }
  };

  const server = await createLoopbackServer((request) => {
    const reply = handle(request);
    const path = request.path.replace(/^\/collections\/[^/]+/, '/collections/{collection_name}');
    exchanges.push({ path, method: request.method, body: request.body, reply });
    return reply;
  });
  return Object.assign(server, { exchanges, collections });
}
