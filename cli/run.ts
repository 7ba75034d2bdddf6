import { createInterface } from 'node:readline/promises';
import type { Container } from '../shared/container';
import type { Cli, Surroundings } from './cli';
import { type ExitCode, exitCode } from './exit-code';
import { type Failure, toFailure } from './failure';
import { type AddCommand, createProgram } from './keepsake';
import { createOutput } from './output';
import { createProgress, type Progress } from './progress';

/**
 * Runs one call of the command, closes what it opened, and resolves with its exit code. Never rejects: what goes wrong is said on
 * stderr, and with --json in the document, too.
 */
export async function runCli(
  args: string[],
  commands: AddCommand[],
  surroundings: Surroundings,
  open: (surroundings: Surroundings) => Promise<Container> = openContainer,
): Promise<ExitCode> {
  const output = createOutput(surroundings, args.includes('--json'));
  const opened: { container?: Promise<Container>; progress?: Progress } = {};
  let ended: ExitCode = exitCode.done;
  const cli: Cli = {
    ...surroundings,
    output,
    services: () => {
      opened.container ??= open(surroundings);
      return opened.container;
    },
    progress: () => {
      opened.progress ??= createProgress(surroundings.stderr);
      return opened.progress;
    },
    confirm: (question) => confirm(surroundings, question),
    action:
      (work) =>
      async (...args) => {
        ended = await work(...args).finally(() => opened.progress?.stop());
      },
  };
  try {
    await createProgram(commands, cli).parseAsync(args, { from: 'user' });
    return ended;
  } catch (error) {
    const failure = isStop(error, surroundings.stopping) ? stopped : toFailure(error);
    if (!failure.isSaid) output.say((colors) => [colors.red(failure.message), failure.next].filter(Boolean).join('\n'));
    if (output.isJson && failure.exitCode !== exitCode.done) {
      output.answer({ error: { message: failure.message, next: failure.next ?? null } }, '');
    }
    return failure.exitCode;
  } finally {
    await opened.container?.then((container) => container.close()).catch(() => undefined);
  }
}

/** What takes a signal rejects with its reason. */
const isStop = (error: unknown, { aborted, reason }: AbortSignal) =>
  aborted && (error === reason || (error as { name?: unknown } | null)?.name === 'AbortError');
const stopped: Failure = { exitCode: exitCode.interrupted, message: 'Stopped before its end.' };

async function openContainer({ env, stderr }: Surroundings): Promise<Container> {
  const { createContainer } = await import('../shared/container');
  // A command says by itself how it went; for more, LOG_LEVEL.
  const quiet = { ...env, LOG_LEVEL: env.LOG_LEVEL?.trim() || 'error' };
  const container = createContainer({ env: quiet, writeLog: (line) => void stderr.write(`${line}\n`) });
  await container.ready();
  return container;
}

async function confirm({ stdin, stderr }: Surroundings, question: string): Promise<boolean> {
  if (!stdin.isTTY) return false;
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} (yes/no) `)).trim());
  } finally {
    terminal.close();
  }
}
