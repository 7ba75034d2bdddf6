import { CommanderError } from 'commander';
import { HomeInUseError } from '../shared/database/home-lock';
import { RowSecurityError } from '../shared/database/roles';
import { ProblemError } from '../shared/http/problem';
import { ProviderError } from '../shared/memory/provider';
import { MigrationError } from '../shared/migration/migration-contract';
import { OutageError } from '../shared/migration/pace';
import { isDatabaseUnreachable } from '../shared/resilience/unreachable';
import { describeError } from '../shared/telemetry/logger';
import { type ExitCode, exitCode } from './exit-code';

/** Thrown by a command that cannot do what it was asked; `next` says what to do about it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    readonly next?: string,
  ) {
    super(message);
  }
}

/** The 2 for options that do not go together, or a value that does not fit. */
export const wrongUsage = (message: string, next = 'Add --help to see what it takes.') =>
  new CommandError(exitCode.usage, message, next);

export interface Failure {
  exitCode: ExitCode;
  message: string;
  next?: string;
  /** Whether it has been printed. */
  isSaid?: boolean;
}

/** What is said of an error. No driver's and no vendor's own words: they may quote what people said. */
export function toFailure(error: unknown): Failure {
  if (error instanceof CommandError) return error;
  if (error instanceof CommanderError) return fromCommander(error);
  if (error instanceof ProblemError) return fromProblem(error);
  if (error instanceof HomeInUseError)
    return {
      exitCode: exitCode.unreachable,
      message: error.message,
      next: 'A Keepsake that runs does the same by its doors: POST /api/sync, POST /api/migrations, GET /api/health.',
    };
  if (error instanceof MigrationError) return fromMigration(error);
  if (error instanceof RowSecurityError) return { exitCode: exitCode.unreachable, message: error.message };
  if (error instanceof ProviderError) return fromProvider(error);
  if (error instanceof OutageError)
    return {
      exitCode: exitCode.unreachable,
      message: `A memory provider was away for too long (${error.reason}).`,
      next: 'Try again when it is back; keepsake doctor tells more.',
    };
  if (isDatabaseUnreachable(error))
    return {
      exitCode: exitCode.unreachable,
      message: `The database cannot be reached (${codeOf(error) ?? 'no answer'}).`,
      next: 'See that DATABASE_URL is right and its server runs; keepsake doctor tells more.',
    };
  const { error: name, code, at } = describeError(error);
  return { exitCode: exitCode.failed, message: `Keepsake failed: ${[name, code, at].filter(Boolean).join(' ')}` };
}

/** What is wrong, commander has printed by itself; so it has help that was asked for, which is no failure. */
const fromCommander = ({ code, message }: CommanderError): Failure => {
  const isAnswer = code === 'commander.helpDisplayed' || code === 'commander.version';
  return { exitCode: isAnswer ? exitCode.done : exitCode.usage, message, isSaid: true };
};

const fromProblem = ({ status, message, errors = [] }: ProblemError): Failure => ({
  exitCode: status === 503 ? exitCode.unreachable : exitCode.usage,
  message: [message, ...errors.map((each) => `  ${each.path}: ${each.message}`)].join('\n'),
});

/** Its message says what to do. */
const fromMigration = ({ code, message }: MigrationError): Failure => ({
  exitCode: code === 'busy' ? exitCode.failed : exitCode.usage,
  message,
});

const fromProvider = ({ message, provider, code }: ProviderError): Failure => ({
  exitCode: exitCode.unreachable,
  message: `The memory provider failed (${message}).`,
  next: code === 'refused' ? `See that the key of ${provider} is right.` : 'Try again; keepsake doctor tells more.',
});

/** The query builder wraps what the driver says. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  return typeof code === 'string' ? code : cause === undefined ? undefined : codeOf(cause);
}
