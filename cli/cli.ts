import type { Readable } from 'node:stream';
import type { Container } from '../shared/container';
import type { ExitCode } from './exit-code';
import type { Output, Screen } from './output';
import type { Progress } from './progress';

/** Where a command runs: the process's own, or a test's. */
export interface Surroundings {
  stdin: Readable & { isTTY?: boolean };
  stdout: Screen;
  stderr: Screen;
  env: NodeJS.ProcessEnv;
  /** Aborted by the first Ctrl-C: what is under way ends at its next checkpoint. */
  stopping: AbortSignal;
}

/** What commands act through. */
export interface Cli extends Surroundings {
  output: Output;
  /** The parts, made when they are first asked for. They are closed when the command has ended. */
  services(): Promise<Container>;
  /** A bar, or lines, on stderr; it is stopped when the command has ended. */
  progress(): Progress;
  /** Asks on the terminal. Where there is none, or it is not answered with yes, false. */
  confirm(question: string): Promise<boolean>;
  /** Makes commander's action of a command's work, which gives back how it ended. */
  action<Args extends unknown[]>(work: (...args: Args) => Promise<ExitCode>): (...args: Args) => Promise<void>;
}
