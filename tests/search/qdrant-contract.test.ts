import { randomUUID } from 'node:crypto';
import { createQdrantIndex } from '../../shared/search/qdrant';
import { createLogger } from '../../shared/telemetry/logger';
import { createQdrantServer, type QdrantServer } from '../support/qdrant-server';
import { describeIndex } from './index-contract';

const logger = createLogger('silent');

describe('the Qdrant index over the loopback server', () => {
  let server: QdrantServer;
  beforeAll(async () => {
    server = await createQdrantServer();
  });
  afterAll(() => server.close());
  describeIndex((options) => createQdrantIndex({ url: server.url, collection: 'memories', logger, ...options }));
});

const url = process.env.TEST_QDRANT_URL ?? '';
const name = `the Qdrant index over a Qdrant server${url ? '' : ' (skipped: TEST_QDRANT_URL is not set)'}`;

(url ? describe : describe.skip)(name, () => {
  const collection = `keepsake-test-${randomUUID()}`;
  afterAll(() => fetch(new URL(`/collections/${collection}`, url), { method: 'DELETE' }));
  describeIndex((options) => createQdrantIndex({ url, collection, logger, ...options }));
});
