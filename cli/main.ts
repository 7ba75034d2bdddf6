import path from 'node:path';
import { applyLocalSettings } from '../local/local-settings';
import { commands } from './commands';
import { exitCode } from './exit-code';
import { runCli } from './run';

/** What Ctrl-C does: the first has what is under way stop at a checkpoint, the second ends the process. */
function createStop(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    console.error('Stopping at the next checkpoint. Ctrl-C again stops at once.');
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return controller.signal;
}

async function main(): Promise<void> {
  const { stdin, stdout, stderr, env } = process;
  const fileProblem = applyLocalSettings(path.resolve('local.settings.json'), env);
  if (fileProblem) console.error(`local.settings.json ${fileProblem}`);
  // A reader that has seen enough (`| head`) is no failure.
  stdout.on('error', () => process.exit(exitCode.done));
  const surroundings = { stdin, stdout, stderr, env, stopping: createStop() };
  const code = await runCli(process.argv.slice(2), commands, surroundings);
  // What is written to a pipe may still be on its way.
  stdout.write('', () => process.exit(code));
}

main();
