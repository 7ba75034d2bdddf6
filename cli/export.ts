import { existsSync } from 'node:fs';
import path from 'node:path';
import type { MigrationRequest } from '../shared/migration/migration-contract';
import type { Cli } from './cli';
import { type ExitCode, exitCode } from './exit-code';
import { wrongUsage } from './failure';
import type { AddCommand } from './keepsake';
import { type Provider, providerOption, run } from './migrate-run';
import { collect, moment } from './options';

interface ExportOptions extends Pick<MigrationRequest, 'since'> {
  user?: string[];
  from?: Provider;
  out?: string;
}

export const addExport: AddCommand = (program, cli) => {
  program
    .command('export')
    .summary('write memories to a file that import reads')
    .description(
      'Writes memories to a file, oldest first, with their own times. The file is there when it is whole, and not before.',
    )
    .option('--user <id>', 'this person; may be given more than once', collect)
    .option('--out <file>', 'the file (default: keepsake-<day>.json)')
    .option('--since <moment>', 'only what was made or changed then or later', moment)
    .addOption(providerOption('--from', 'where they are, if not where Keepsake keeps them'))
    .action(cli.action((options: ExportOptions) => exportAll(cli, options)));
};

async function exportAll(cli: Cli, { user, from, out, since }: ExportOptions): Promise<ExitCode> {
  const services = await cli.services();
  const source = from ?? services.backend();
  const file = path.resolve(out ?? `keepsake-${new Date().toISOString().slice(0, 10)}.json`);
  if (existsSync(file)) throw wrongUsage(`${file} is there already.`, 'Name another with --out.');
  const request = { from: source, to: { file }, ...(user && { users: user }), ...(since && { since }) };
  const { counts } = await services.migrator().run(request, (step) => cli.progress().update(step), cli.stopping);
  const { people, messages, memories, metadata, done } = counts;
  cli.output.answer(
    { file, source, people, messages, memories, metadata },
    `${done} memories of ${people} people in ${file}`,
  );
  return exitCode.done;
}

interface ImportOptions extends Pick<MigrationRequest, 'since' | 'dryRun' | 'mapping'> {
  user?: string[];
  to?: Provider;
}

export const addImport: AddCommand = (program, cli) => {
  program
    .command('import')
    .summary('read a file that export wrote, or one of Mem0’s')
    .description(
      'Brings what an export file holds, with checkpoints as keepsake migrate: what cannot be read is told by line and path.',
    )
    .argument('<file>', 'the export')
    .option('--user <id>', 'this person alone; may be given more than once', collect)
    .option('--since <moment>', 'only what was made or changed then or later', moment)
    .option('--mapping <file>', 'JSON that overrides the mapping of roles and types')
    .option('--dry-run', 'count, and write nothing')
    .addOption(providerOption('--to', 'where they go, if not where Keepsake keeps them'))
    .action(
      cli.action(async (file: string, { user, to, ...options }: ImportOptions) => {
        const target = to ?? (await cli.services()).backend();
        return run(cli, { ...options, from: { file: path.resolve(file) }, to: target, ...(user && { users: user }) });
      }),
    );
};
