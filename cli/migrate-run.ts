import path from 'node:path';
import { Option } from 'commander';
import type { Endpoint, MigrationRequest, MigrationStatus } from '../shared/migration/migration-contract';
import type { Cli } from './cli';
import { type ExitCode, exitCode } from './exit-code';
import { wrongUsage } from './failure';
import type { AddCommand } from './keepsake';
import { migrationView } from '../shared/http/views';
import { describeRun } from './migration-text';
import { collect, integer, moment, runId, share } from './options';

export type Provider = Extract<Endpoint, string>;
const providers: Provider[] = ['mem0', 'zep', 'local'];
export const providerOption = (name: string, description: string) =>
  new Option(`${name} <provider>`, description).choices(providers);

interface RunOptions extends Pick<MigrationRequest, 'since' | 'role' | 'batchSize' | 'concurrency' | 'errorBudget'> {
  from?: Provider;
  to: Provider;
  user?: string[];
  session?: string;
  file?: string;
  all?: boolean;
  newPeople?: boolean;
  dryRun?: boolean;
  mapping?: string;
}

export const addRun: AddCommand = (program, cli) => {
  program
    .command('run')
    .summary('begin: everybody, some people, or what a file holds')
    .description(
      'Moves memories in batches of people, oldest first, with their own times. Between two batches it validates, and it stops where more ' +
        'was set aside than the error budget allows. Ctrl-C stops it at a checkpoint.',
    )
    .addOption(providerOption('--from', 'where they are'))
    .addOption(providerOption('--to', 'where they go').makeOptionMandatory())
    .option('--all', 'everybody')
    .option('--new-people', 'those who began at --from while MEMORY_NEW_PEOPLE named it: back to where everybody is')
    .option('--user <id>', 'this person; may be given more than once', collect)
    .option('--session <id>', 'one session of theirs, with --user')
    .option('--file <export>', 'what this export file holds, in place of asking the source')
    .option('--dry-run', 'count and estimate calls and cost; write nothing')
    .option('--since <moment>', 'only what was made or changed then or later', moment)
    .option('--role <role>', 'what these people are: user, therapist, admin, support')
    .option('--mapping <file>', 'JSON that overrides the mapping of roles and types')
    .option('--batch-size <people>', 'people between two gates (default: 100)', integer(1, 10_000))
    .option('--concurrency <calls>', 'calls at a time, at most (default: 32)', integer(1, 64))
    .option('--error-budget <share>', 'share of items that may be set aside (default: 0.01)', share)
    .action(cli.action((options: RunOptions) => run(cli, toRequest(options))));
};

export const addResume: AddCommand = (program, cli) => {
  program
    .command('resume')
    .summary('go on with a run that was stopped or killed')
    .description('Goes on with a run from its checkpoints. What was being sent when it was killed is looked up first.')
    .argument('<run>', 'its id', runId)
    .action(cli.action((id: string) => resume(cli, id)));
};

/** Throws the usage error for options that do not go together. */
function toRequest({ from, to, user, session, file, all, newPeople, ...options }: RunOptions): MigrationRequest {
  const isFile = file !== undefined;
  const whose = [user && '--user', isFile && '--file', all && '--all', newPeople && '--new-people'].filter(Boolean);
  if (whose.length === 0) throw wrongUsage('Whose memories: --all, --user <id>, --new-people, or --file <export>?');
  if (whose.length > 1) throw wrongUsage(`${whose.join(' and ')} do not go together.`);
  if (session !== undefined && !user) throw wrongUsage('--session goes with --user.');
  if (file === undefined && from === undefined) throw wrongUsage('Where are they: --from mem0, zep or local?');
  if (file === undefined && from === to) throw wrongUsage('--from and --to are the same.');
  const source: Endpoint = file === undefined ? (from ?? to) : { file: path.resolve(file) };
  const chosen = {
    ...(user && { users: user }),
    ...(newPeople && { newPeople }),
    ...(session && { sessionId: session }),
  };
  return { ...options, from: source, to, ...chosen };
}

/** Carries out a request, and says how it went. */
export async function run(cli: Cli, request: MigrationRequest): Promise<ExitCode> {
  const migrator = (await cli.services()).migrator();
  if (request.dryRun) {
    return tell(cli, await migrator.run(request, (step) => cli.progress().update(step), cli.stopping));
  }
  const id = await migrator.plan(request);
  cli.output.say((colors) => `Run ${colors.bold(id)}`);
  return resume(cli, id);
}

async function resume(cli: Cli, id: string): Promise<ExitCode> {
  const migrator = (await cli.services()).migrator();
  return tell(cli, await migrator.resume(id, (step) => cli.progress().update(step), cli.stopping));
}

function tell({ output, stopping }: Cli, status: MigrationStatus): ExitCode {
  output.answer(migrationView(status), (colors) => describeRun(status, colors));
  if (status.state === 'paused' && stopping.aborted) return exitCode.interrupted;
  if (status.state !== 'done') return exitCode.failed;
  const { poison, problems } = status.counts;
  return Object.keys(poison).length + Object.keys(problems).length === 0 ? exitCode.done : exitCode.failed;
}
