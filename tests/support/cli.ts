import { PassThrough } from 'node:stream';
import { commands } from '../../cli/commands';
import { runCli } from '../../cli/run';
import type { Container } from '../../shared/container';

interface Call {
  /** In place of the parts that the command would make; left open. */
  services?: Container;
  env?: NodeJS.ProcessEnv;
  /** Whether stdin, stdout and stderr are a terminal. */
  isTerminal?: boolean;
  /** What is typed there. */
  typed?: string;
  stopping?: AbortSignal;
}

/** Calls the keepsake command in this process. */
export async function keepsake(args: string[], call: Call = {}) {
  const { services, env = {}, isTerminal = false, typed = '', stopping = new AbortController().signal } = call;
  const open = services && (async () => ({ ...services, close: async () => undefined }));
  const screen = () => Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 120 });
  const [stdin, stdout, stderr] = [screen(), screen(), screen()];
  stdin.end(typed);
  const code = await runCli(args, commands, { stdin, stdout, stderr, env, stopping }, open);
  const printed = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, stdout: printed(stdout), stderr: printed(stderr) };
}
