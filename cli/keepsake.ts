import { Command } from 'commander';

/** A command's file exports this: it adds itself to the program. */
export type AddCommand = (program: Command) => void;

/** The `keepsake` command. Each command is a file of its own, loaded when it is named. */
export function createProgram(commands: AddCommand[]): Command {
  const program = new Command('keepsake')
    .description('Long-term memory for messaging bots: move, sync, check and load it.')
    .option('--json', 'print JSON instead of text')
    .showHelpAfterError();
  for (const add of commands) add(program);
  return program;
}
