import { connect, type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { createQdrantIndex } from '../../shared/search/qdrant';
import { createLogger } from '../../shared/telemetry/logger';
import { createCertificate } from '../support/certificate';
import { createQdrantServer, type QdrantServer } from '../support/qdrant-server';

const signal = new AbortController().signal;
const nobody = '00000000-0000-4000-8000-000000000000';

describe('a Qdrant with a certificate of its own', () => {
  const [ours, others] = [createCertificate(), createCertificate()];
  let qdrant: QdrantServer;
  let front: Server;
  let url: string;
  beforeAll(async () => {
    qdrant = await createQdrantServer();
    front = createServer(ours, (socket) => {
      const back = connect(Number(new URL(qdrant.url).port), '127.0.0.1');
      socket.pipe(back).pipe(socket);
      for (const each of [socket, back]) each.on('error', () => void [socket.destroy(), back.destroy()]);
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(front.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await qdrant.close();
    await new Promise((resolve) => front.close(resolve));
  });

  const find = (certificate: string | undefined, renewed?: string) => {
    const settings = { QDRANT_CA_CERTIFICATE: certificate };
    const renew = async (name: string, refused: string | undefined) => {
      expect([name, refused]).toEqual(['QDRANT_CA_CERTIFICATE', certificate]);
      settings.QDRANT_CA_CERTIFICATE = renewed;
      return renewed !== undefined;
    };
    const policy = { maxRetries: 0 };
    const logger = createLogger('silent');
    const index = createQdrantIndex({ url, settings, secrets: { renew }, collection: 'memories', logger, policy });
    return index.find(nobody, signal);
  };

  it('is trusted by that certificate', async () => {
    expect(await find(ours.cert)).toBeNull();
  });

  it.each([
    ['none', undefined],
    ['another', others.cert],
  ])('is not trusted by %s, and no request goes there', async (_, certificate) => {
    qdrant.requests.length = 0;
    await expect(find(certificate)).rejects.toMatchObject({ name: 'IndexError', code: 'unavailable' });
    expect(qdrant.requests).toEqual([]);
  });

  it('is trusted again once its new certificate is known', async () => {
    expect(await find(others.cert, ours.cert)).toBeNull();
  });
});
