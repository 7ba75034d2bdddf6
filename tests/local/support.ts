import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { type Host, type HostOptions, startHost } from '../../local/host';
import { createLogger } from '../../shared/telemetry/logger';

/** Starts the fixture functions on a free port; `lines` collects what the host logs. */
export async function startFixtures(options: HostOptions = {}): Promise<{ host: Host; lines: string[] }> {
  const lines: string[] = [];
  const logger = createLogger('debug', (line) => lines.push(line));
  const host = await startHost(path.join(__dirname, 'fixtures', 'functions'), {
    host: '127.0.0.1',
    port: 0,
    logger,
    ...options,
  });
  return { host, lines };
}

/** Sends bytes as they are and resolves with everything that comes back until the connection ends. */
export async function sendRaw(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}
