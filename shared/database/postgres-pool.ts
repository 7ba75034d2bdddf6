import { Client, type ClientConfig, Pool, type PoolClient } from 'pg';
import type { ServerAccess } from './client';

type Callback = Parameters<Pool['connect']>[0];

/** The server did not take who we said we are: invalid_password, invalid_authorization_specification. */
const isRefused = (error: unknown): boolean => /^28(P01|000)$/.test(String((error as { code?: unknown }).code));

/** What a token is sent over: a server whose certificate and name were looked at. */
function verified(url: string): string {
  const address = new URL(url);
  for (const name of ['ssl', 'uselibpqcompat']) address.searchParams.delete(name);
  address.searchParams.set('sslmode', 'verify-full');
  return address.href;
}

/** The role stands after the options that an address may have of its own: the last one counts. */
function actingAs(role: string, url: string): string {
  const address = new URL(url);
  address.searchParams.set('options', `${address.searchParams.get('options') ?? ''} -c role=${role}`.trim());
  return address.href;
}

/**
 * Connections to a Postgres server, each made with the address or the token of then; once more where the server refused the login and
 * there is another address by now. They act as `role`. Throws where there is no address yet.
 */
export function createPool({ url, token, renew }: ServerAccess, role?: string): Pool {
  let address = url();
  if (address === undefined) throw new Error('The address of the database is not known');
  /** The latest: those who wait for a connection are not told of one that went away. */
  const current = (): string => {
    address = url() ?? address;
    const found = token ? verified(String(address)) : String(address);
    return role ? actingAs(role, found) : found;
  };

  class CurrentClient extends Client {
    constructor(config?: ClientConfig) {
      super({ ...config, connectionString: current() });
      // Asked at every login; what an address says of a password would go before it as an option.
      if (token) Object.assign(this, { password: token });
    }
  }

  class RenewingPool extends Pool {
    override connect(): Promise<PoolClient>;
    override connect(callback: Callback): void;
    override connect(callback?: Callback): Promise<PoolClient> | undefined {
      const connected = this.connectTwice();
      if (!callback) return connected;
      connected.then(
        (client) => callback(undefined, client, client.release),
        (error) => callback(error, undefined, () => undefined),
      );
    }

    private async connectTwice(): Promise<PoolClient> {
      const used = address;
      try {
        return await super.connect();
      } catch (error) {
        if (!isRefused(error) || !(await renew?.(used))) throw error;
        return super.connect();
      }
    }
  }

  const pool = new RenewingPool({
    Client: CurrentClient,
    max: 10,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    keepAlive: true,
  });
  // An idle connection that the server drops is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}
