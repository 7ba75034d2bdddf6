import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { shippedPath } from '../../shared/config/shipped-files';

export interface Child {
  process: ChildProcessWithoutNullStreams;
  /** Everything it has printed so far, errors too. */
  output(): string;
  /** The first line it prints that fits. Rejects with its output when it ends without one. */
  line(pattern: RegExp): Promise<string>;
  /** Sends it a signal, SIGKILL as a crash would, and waits until it is gone. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

const bundled = new Set<string>();

/** A file that Node runs as it is. One of TypeScript is bundled first: a loader would take longer in every process than this does once. */
function toProgram(file: string): string {
  if (!file.endsWith('.ts')) return shippedPath(file);
  const outfile = shippedPath('dist', 'tests', `${basename(file, '.ts')}-${process.pid}.js`);
  if (bundled.has(outfile)) return outfile;
  const options = { bundle: true, platform: 'node', packages: 'external', target: 'node20' } as const;
  buildSync({ ...options, entryPoints: [shippedPath(file)], outfile });
  bundled.add(outfile);
  return outfile;
}

/** A process that lives for seconds is not worth optimising its Postgres for: it starts a quarter sooner. */
const shortLived = ['--liftoff-only'];

/** Runs a file of this project in a process of its own; one whose speed is measured without the flags of one that lives for seconds. */
export function startChild(file: string, args: string[] = [], env: NodeJS.ProcessEnv = {}, flags = shortLived): Child {
  const child = spawn(process.execPath, [...flags, toProgram(file), ...args], {
    cwd: shippedPath(),
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
  const exit = once(child, 'exit');
  let printed = '';
  const collect = (chunk: Buffer) => {
    printed += chunk;
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const lines = createInterface(child.stdout);
  return {
    process: child,
    output: () => printed,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        lines.on('line', (line) => pattern.test(line) && resolve(line));
        lines.on('close', () => reject(new Error(`It ended without a line like ${pattern}:\n${printed}`)));
      }),
    kill: async (signal = 'SIGKILL') => {
      child.kill(signal);
      await exit;
    },
  };
}
