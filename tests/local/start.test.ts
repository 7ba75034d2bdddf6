import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { shippedPath } from '../../shared/config/shipped-files';
import { freshHome } from '../support/home';

type Started = ChildProcessByStdio<null, Readable, Readable>;

/** `npm start` in a process of its own, with these settings beside a fresh home and a free port. */
function start(env: Record<string, string>): Started {
  const base = { PATH: process.env.PATH, PORT: '0', KEEPSAKE_HOME: freshHome() };
  return spawn(process.execPath, [shippedPath('local', 'npm-start.mjs')], {
    cwd: shippedPath(),
    env: { ...base, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Resolves with what was printed once it holds `mark`. */
async function printed(stream: Readable, mark: string): Promise<string> {
  let text = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.includes(mark)) break;
  }
  return text;
}

const addressIn = (text: string) => /http:\/\/\S+/.exec(text)?.[0];

describe('npm start', () => {
  const started: Started[] = [];
  afterAll(() => {
    for (const child of started) child.kill('SIGKILL');
  });
  const run = (env: Record<string, string> = {}) => {
    const child = start(env);
    started.push(child);
    return child;
  };

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'prints where everything is, answers, and ends with 0 at %s',
    async (signal) => {
      const child = run();
      const text = await printed(child.stdout, 'Ctrl-C');
      expect(text).toMatch(/POST\s+\/api\/search\s+search\s+function/);
      expect(text).toMatch(/timer\s+0 \* \* \* \* \*\s+sync-memories\s+next at 2\d{3}-/);
      expect(text).not.toContain('Wrong settings');
      const health = await fetch(`${addressIn(text)}/api/health`);
      expect(health.status).toBe(200);
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([0, null]);
    },
  );

  it('lists wrong settings together, starts all the same, and prints no secret', async () => {
    const child = run({
      MEMORY_BACKEND: 'paper',
      SYNC_SCHEDULE: 'now',
      DATABASE_URL: 'postgres://me:pass-4711@db.test:5433/k',
    });
    const text = await printed(child.stdout, 'Ctrl-C');
    expect(text).toContain('MEMORY_BACKEND must be one of mem0, zep, local');
    expect(text).toContain('sync-memories "now" is no schedule');
    expect(text).toContain('Postgres at db.test:5433/k');
    expect(text).not.toContain('pass-4711');
    child.kill('SIGKILL');
  });

  it('says so and ends with 1 where the port is in use', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const child = run({ PORT: String(port) });
    const [text, exit] = await Promise.all([printed(child.stderr, 'in use'), once(child, 'exit')]);
    expect(text).toContain(`Port ${port} on 127.0.0.1 is in use.`);
    expect(exit).toEqual([1, null]);
    holder.close();
  });
});
