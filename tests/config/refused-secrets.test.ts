import { createWhatsAppSender } from '../../shared/channels/whatsapp-sender';
import { createChatModel } from '../../shared/chat/model';
import { createCredential } from '../../shared/config/azure-identity';
import { createSecrets } from '../../shared/config/secrets';
import { loadSettings, type SecretName } from '../../shared/config/settings';
import { createMem0Provider } from '../../shared/memory/mem0';
import { createQdrantIndex } from '../../shared/search/qdrant';
import { createLogger } from '../../shared/telemetry/logger';
import { openChatModel, say } from '../support/chat-model';
import { createGraphServer } from '../support/graph-server';
import { createMem0Server } from '../support/mem0-server';
import { createModelServer } from '../support/model-server';
import { createQdrantServer } from '../support/qdrant-server';
import { createVaultServer, type VaultServer } from '../support/vault-server';

const signal = new AbortController().signal;
const nobody = '00000000-0000-4000-8000-000000000000';
const logger = createLogger('silent');
const statistics = { observe: () => undefined, count: () => undefined };

/** A vendor that takes one key, and a call of it through its gateway. */
interface Keyed {
  take(key: string): void;
  call(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** The settings as they are at the start, with what replaces a refused secret in them. */
async function read(vault: VaultServer, name: SecretName, env: NodeJS.ProcessEnv) {
  const given = { KEY_VAULT_URL: vault.url, ...env };
  vault.secrets[name] = 'old';
  const loaded = loadSettings(given);
  const secrets = createSecrets({ env: given, loaded, credential: createCredential(undefined), logger });
  await secrets.load();
  return { secrets, settings: loaded.settings };
}
type Opened = Awaited<ReturnType<typeof read>>;

/** Answers 401 to every request whose header is not this one. */
const only = (header: string, value: string) => (request: { headers: Record<string, unknown> }) =>
  request.headers[header] === value ? null : { kind: 'status' as const, status: 401 };

const vendors: [SecretName, open: () => Promise<{ env: NodeJS.ProcessEnv; start(opened: Opened): Keyed }>][] = [
  [
    'MEM0_API_KEY',
    async () => {
      const server = await createMem0Server();
      const start = (opened: Opened): Keyed => {
        const provider = createMem0Provider({ ...opened, statistics, logger, now: () => new Date() });
        const take = (key: string) => Object.assign(server, { apiKey: key });
        return { take, call: () => provider.get(nobody, signal), close: server.close };
      };
      return { env: { MEM0_BASE_URL: server.url }, start };
    },
  ],
  [
    'QDRANT_API_KEY',
    async () => {
      const server = await createQdrantServer();
      const start = (opened: Opened): Keyed => {
        const index = createQdrantIndex({ ...opened, url: server.url, collection: 'memories', logger });
        const take = (key: string) => Object.assign(server, { fault: only('api-key', key) });
        return { take, call: () => index.find(nobody, signal), close: server.close };
      };
      return { env: {}, start };
    },
  ],
  [
    'WHATSAPP_ACCESS_TOKEN',
    async () => {
      const server = await createGraphServer();
      const start = (opened: Opened): Keyed => {
        const sender = createWhatsAppSender({ ...opened, logger });
        const message = { phoneNumberId: '1065', to: '14155550101', isGroup: false, text: 'Hello' };
        const take = (key: string) => Object.assign(server, { accessToken: key });
        return { take, call: () => sender.send(message, signal), close: server.close };
      };
      return { env: { WHATSAPP_BASE_URL: server.url }, start };
    },
  ],
  ...(['openai-compatible', 'azure'] as const).map((provider): (typeof vendors)[number] => [
    'CHAT_API_KEY',
    async () => {
      const server = await createModelServer();
      const CHAT_BASE_URL = provider === 'azure' ? server.azureUrl : server.url;
      const start = ({ settings, secrets }: Opened): Keyed => {
        const chat = openChatModel(server);
        const { tools } = chat;
        const model = createChatModel({ settings, secrets, tools, statistics, logger }) ?? chat.open();
        const call = async () => {
          const { error } = await say(model, chat.run());
          if (error) throw error;
        };
        const close = () => Promise.all([server.close(), chat.close()]);
        return { take: (key) => Object.assign(server, { apiKey: key }), call, close };
      };
      return { env: { CHAT_PROVIDER: provider, CHAT_MODEL: server.model, CHAT_BASE_URL }, start };
    },
  ]),
];

describe('a secret that its vendor takes no more', () => {
  let vault: VaultServer;
  beforeAll(async () => {
    vault = await createVaultServer();
  });
  beforeEach(() => {
    vault.requests.length = 0;
  });
  afterAll(() => vault.close());

  it.each(vendors)('is replaced by the one in the vault, and the call made again: %s', async (name, open) => {
    const { env, start } = await open();
    const opened = await read(vault, name, env);
    const vendor = start(opened);
    vendor.take('old');
    await vendor.call();
    expect(vault.reads(name)).toBe(1);

    vendor.take('new');
    vault.secrets[name] = 'new';
    await vendor.call();
    expect(vault.reads(name)).toBe(2);

    // One that is wrong for good does not keep the vault busy.
    vendor.take('one that nobody knows');
    await expect(vendor.call()).rejects.toThrow();
    await expect(vendor.call()).rejects.toThrow();
    expect(vault.reads(name)).toBe(2);

    opened.secrets.close();
    await vendor.close();
  });
});
