import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request, without its body. */
export interface VmRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
}

interface Answer {
  status: number;
  body?: string | Buffer;
  headers?: Record<string, string>;
}

interface Blob {
  content: Buffer;
  headers: Record<string, string>;
}

/** What stands around Qdrant's VM, on loopback: metadata service, Key Vault, blob container, and the snapshots of a Qdrant. */
export interface AzureVm {
  url: string;
  requests: VmRequest[];
  secrets: Map<string, string>;
  /** Committed blobs alone, as a listing shows them. */
  blobs: Map<string, Blob>;
  /** What Qdrant's collections hold, as a snapshot has it, and the snapshots on its disk. */
  collections: Map<string, Buffer>;
  snapshots: Map<string, Buffer>;
  /** Which requests are answered 503. */
  fails: (request: VmRequest) => boolean;
  /** What the scripts need in their environment to find all this. */
  env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

const json = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) });
const notFound: Answer = { status: 404, body: '{}' };
const refused: Answer = { status: 401, body: '{}' };
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/** The metadata service asks for its header, the others for the token or the key that this one and the vault gave out. */
export async function createAzureVm(): Promise<AzureVm> {
  const apiKey = randomUUID();
  const blocks = new Map<string, Buffer>();

  function metadata({ path, query, headers }: VmRequest): Answer {
    if (headers.metadata !== 'true') return { status: 400 };
    if (path.endsWith('/privateIpAddress')) return { status: 200, body: '10.20.3.4' };
    return json({
      access_token: `token for ${query.get('resource')} of ${query.get('client_id')}`,
      token_type: 'Bearer',
    });
  }

  function vault({ method, path, headers }: VmRequest, body: Buffer): Answer {
    if (headers.authorization !== 'Bearer token for https://vault.azure.net of the-identity') return refused;
    const name = path.slice('/vault/secrets/'.length);
    if (method === 'PUT') vm.secrets.set(name, JSON.parse(body.toString()).value);
    const value = vm.secrets.get(name);
    return value === undefined ? notFound : json({ value });
  }

  /** Put Block, Put Block List, Get Blob, Get Blob Properties and List Blobs, as Azure's REST reference has them. */
  function container({ method, path, query, headers }: VmRequest, body: Buffer): Answer {
    if (headers.authorization !== 'Bearer token for https://storage.azure.com/ of the-identity') return refused;
    if (!headers['x-ms-version']) return { status: 400 };
    const name = path.slice('/container/'.length);
    if (query.get('comp') === 'list') {
      const names = [...vm.blobs.keys()].filter((known) => known.startsWith(query.get('prefix') ?? '')).sort();
      return {
        status: 200,
        body: `<Blobs>${names.map((known) => `<Blob><Name>${known}</Name></Blob>`).join('')}</Blobs>`,
      };
    }
    if (query.get('comp') === 'block') {
      blocks.set(`${name} ${query.get('blockid')}`, body);
      return { status: 201 };
    }
    if (query.get('comp') === 'blocklist') {
      const ids = [...body.toString().matchAll(/<Latest>([^<]*)<\/Latest>/g)].map(([, id]) => `${name} ${id}`);
      const content = ids.map((id) => blocks.get(id));
      if (content.includes(undefined)) return { status: 400 };
      const kept = { 'x-ms-meta-sha256': String(headers['x-ms-meta-sha256']) };
      vm.blobs.set(name, { content: Buffer.concat(content.filter((block) => block !== undefined)), headers: kept });
      return { status: 201 };
    }
    const blob = vm.blobs.get(name);
    if (!blob) return notFound;
    return { status: 200, headers: blob.headers, body: method === 'HEAD' ? '' : blob.content };
  }

  function qdrant({ method, path, query, headers }: VmRequest, body: Buffer): Answer {
    if (headers['api-key'] !== apiKey) return refused;
    const [, , collection = '', , snapshot] = path.split('/');
    if (path === '/collections')
      return json({ result: { collections: [...vm.collections.keys()].map((name) => ({ name })) } });
    if (snapshot === 'upload') {
      // The one part of a multipart form: what lies between its head and the closing boundary.
      const content = body.subarray(body.indexOf('\r\n\r\n') + 4, body.lastIndexOf('\r\n--'));
      if (sha256(content) !== query.get('checksum')) return { status: 400, body: '{}' };
      vm.collections.set(collection, Buffer.from(content));
      return json({ result: true });
    }
    if (method === 'POST') {
      const content = vm.collections.get(collection);
      if (!content) return notFound;
      const name = `${collection}-${vm.snapshots.size}.snapshot`;
      vm.snapshots.set(name, content);
      return json({ result: { name, size: content.length, checksum: sha256(content) } });
    }
    const content = vm.snapshots.get(snapshot ?? '');
    if (!content) return notFound;
    if (method === 'DELETE') vm.snapshots.delete(snapshot ?? '');
    return method === 'DELETE' ? json({ result: true }) : { status: 200, body: content };
  }

  const rooms: Record<string, (request: VmRequest, body: Buffer) => Answer> = {
    metadata,
    vault,
    container,
    collections: qdrant,
  };
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://loopback');
    const request = { method: incoming.method ?? '', path: pathname, query: searchParams, headers: incoming.headers };
    vm.requests.push(request);
    const room = rooms[pathname.split('/')[1] ?? ''];
    const failing: Answer = { status: 503, body: 'Out of order' };
    const answer = vm.fails(request) || !room ? failing : room(request, Buffer.concat(chunks));
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const vm: AzureVm = {
    url,
    requests: [],
    secrets: new Map([
      ['qdrant-api-key', apiKey],
      ['qdrant-tls-key', 'none'],
      ['qdrant-ca-certificate', 'none'],
    ]),
    blobs: new Map(),
    collections: new Map(),
    snapshots: new Map(),
    fails: () => false,
    env: {
      METADATA_URL: `${url}/metadata`,
      KEY_VAULT_URL: `${url}/vault/`,
      SNAPSHOT_CONTAINER_URL: `${url}/container`,
      QDRANT_ADDRESS: url,
      QDRANT__SERVICE__API_KEY: apiKey,
      IDENTITY_CLIENT_ID: 'the-identity',
      RETRIES: '0',
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return vm;
}
