import { Command } from 'commander';
import packageJson from '../package.json';
import type { Cli } from './cli';

/**
 * A command's file exports this: it adds itself, with its options and its help, to the program. What it needs to work is loaded when it
 * is run.
 */
export type AddCommand = (program: Command, cli: Cli) => void;

/** The `keepsake` command, whole. Nothing is printed past `cli`, and a wrong call is thrown, as CommanderError. */
export function createProgram(commands: AddCommand[], cli: Cli): Command {
  const { answer, say } = cli.output;
  const program = new Command('keepsake')
    .description('Long-term memory for messaging bots: move, sync, check and load it.')
    .version(packageJson.version)
    .option('--json', 'print one JSON document, and nothing else, on stdout')
    .showHelpAfterError('Add --help to see what it takes.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => answer({ text }, text.trimEnd()), writeErr: (text) => say(text.trimEnd()) })
    .addHelpText('after', exitCodesHelp);
  for (const add of commands) add(program, cli);
  return program;
}

const exitCodesHelp = `
Exit codes: 0 done, 1 a check failed or something was set aside, 2 wrong usage, 3 something could not be reached,
130 stopped by Ctrl-C at a checkpoint. Settings are those of npm start: the environment and local.settings.json.`;
