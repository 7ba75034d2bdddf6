import { writeFile } from 'node:fs/promises';
import type { Migrator, Validation } from '../shared/migration/migration-contract';
import type { Cli } from './cli';
import { exitCode } from './exit-code';
import type { AddCommand } from './keepsake';
import { runOf } from './migration-run-id';
import { runId } from './options';
import { type Colors, table } from './output';

interface Only {
  user?: string;
  session?: string;
}

export const addValidate: AddCommand = (program, cli) => {
  program
    .command('validate')
    .summary('compare source and target; exit 1 where a check fails')
    .description(
      'Compares source and target person by person: people, sessions, counts, times, metadata, contents, order, sample searches.',
    )
    .argument('[run]', 'its id; the latest without one', runId)
    .option('--user <id>', 'this person alone')
    .option('--session <id>', 'this session alone')
    .action(
      cli.action(async (id: string | undefined, only: Only) => {
        const migrator = (await cli.services()).migrator();
        const run = await runOf(migrator, id);
        const validation = await validate(cli, migrator, run.id, only);
        cli.output.answer({ runId: run.id, ...validation }, (colors) => describe(run.id, validation, colors));
        return validation.passed ? exitCode.done : exitCode.failed;
      }),
    );
};

const validate = (cli: Cli, migrator: Migrator, id: string, { user, session }: Only = {}): Promise<Validation> =>
  migrator.validate(
    id,
    { ...(user && { userId: user }), ...(session && { sessionId: session }) },
    (step) => cli.progress().update(step),
    cli.stopping,
  );

function describe(id: string, { passed, people, items, checks }: Validation, colors: Colors): string {
  const mark = (good: boolean) => (good ? colors.green('passed') : colors.red('FAILED'));
  const rows = checks.map(({ name, expected, found, ...check }) => [
    ...[mark(check.passed), name.replaceAll('_', ' '), expected, found],
    check.examples.length > 0 ? `such as ${check.examples.slice(0, 3).join(', ')}` : '',
  ]);
  return [
    `Run ${id}: ${people} people, ${items} items.`,
    table([['', 'check', 'expected', 'found'].map(colors.bold), ...rows]),
    passed ? colors.green('All checks passed.') : colors.red('Not all of it is as it was.'),
  ].join('\n');
}

interface ReportOptions {
  out?: string;
  validate?: boolean;
}

export const addReport: AddCommand = (program, cli) => {
  program
    .command('report')
    .summary('what a person can sign, as Markdown')
    .argument('[run]', 'its id; the latest without one', runId)
    .option('--validate', 'validate first, and say what came of it; exit 1 where a check fails')
    .option('--out <file>', 'write it to this file')
    .action(
      cli.action(async (id: string | undefined, options: ReportOptions) => {
        const migrator = (await cli.services()).migrator();
        const run = await runOf(migrator, id);
        const validation = options.validate ? await validate(cli, migrator, run.id) : undefined;
        const { markdown, json } = await migrator.report(run.id, validation);
        if (options.out !== undefined) {
          await writeFile(options.out, cli.output.isJson ? `${JSON.stringify(json, null, 2)}\n` : markdown);
          cli.output.say(`Written to ${options.out}`);
        }
        cli.output.answer(json, options.out === undefined ? markdown.trimEnd() : `Run ${run.id}: report written.`);
        return validation?.passed === false ? exitCode.failed : exitCode.done;
      }),
    );
};
