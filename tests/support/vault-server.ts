import type { SecretName } from '../../shared/config/settings';
import { createLoopbackServer, type LoopbackRequest, type LoopbackServer } from './faults';

export interface VaultServer extends LoopbackServer {
  secrets: Partial<Record<SecretName, string>>;
  /** Tokens that were given away; each names its resource and its number. */
  tokens: string[];
  /** How often each secret was asked for by somebody who may. */
  reads(name: SecretName): number;
}

const vaultResource = 'https://vault.azure.net';
const identityHeader = 'identity-header';

/**
 * A key vault on loopback with the identity endpoint of App Service beside it, which is the one that this process then has. "Get
 * Secret", Key Vault REST API; "Connect to Azure services in app code", App Service. One is enough for a process: Azure's library keeps
 * the first identity endpoint that it finds.
 */
export async function createVaultServer(): Promise<VaultServer> {
  const tokens: string[] = [];

  const giveToken = ({ headers, query }: LoopbackRequest) => {
    if (headers['x-identity-header'] !== identityHeader) return { status: 400, body: {} };
    const resource = query.get('resource') ?? '';
    const token = `token ${tokens.length} for ${resource}`;
    tokens.push(token);
    const expires_on = String(Math.floor(Date.now() / 1000) + 86_400);
    return { status: 200, body: { access_token: token, expires_on, resource, token_type: 'Bearer' } };
  };

  const server = await createLoopbackServer((request) => {
    if (request.path === '/msi/token') return giveToken(request);
    const name = nameIn(request);
    if (!isAllowed(request)) {
      const challenge = `Bearer authorization="https://login.windows.net/tenant", resource="${vaultResource}"`;
      return { status: 401, headers: { 'www-authenticate': challenge }, body: { error: { code: 'Unauthorized' } } };
    }
    const value = vault.secrets[name];
    if (value === undefined) return { status: 404, body: { error: { code: 'SecretNotFound', message: 'Not found' } } };
    return {
      status: 200,
      body: { value, id: `${server.url}${request.path}1`, attributes: { enabled: true } },
    };
  });

  const before = { ...process.env };
  process.env.IDENTITY_ENDPOINT = `${server.url}/msi/token`;
  process.env.IDENTITY_HEADER = identityHeader;
  const vault: VaultServer = Object.assign(server, {
    secrets: {},
    tokens,
    reads: (name: SecretName) =>
      server.requests.filter((request) => isAllowed(request) && nameIn(request) === name).length,
    close: ((close) => async () => {
      Object.assign(process.env, {
        IDENTITY_ENDPOINT: before.IDENTITY_ENDPOINT,
        IDENTITY_HEADER: before.IDENTITY_HEADER,
      });
      await close();
    })(server.close),
  });
  return vault;
}

const isAllowed = ({ headers }: LoopbackRequest) => headers.authorization?.endsWith(` for ${vaultResource}`) ?? false;

const nameIn = ({ path }: LoopbackRequest) =>
  (/^\/secrets\/([^/]+)\//.exec(path)?.[1] ?? '').replaceAll('-', '_').toUpperCase() as SecretName;
