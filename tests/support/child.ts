import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
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

/** Runs a file of this project in a process of its own. */
export function startChild(file: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Child {
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, shippedPath(file), ...args], {
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
