import { Option } from 'commander';
import { exitCode } from './exit-code';
import type { AddCommand } from './keepsake';
import { runId } from './options';

interface Options {
  days: '30' | '90';
  out?: string;
}

export const addArchive: AddCommand = (program, cli) => {
  program
    .command('archive')
    .summary('sign what was moved, and say until when the source is kept')
    .description(
      'Writes a signed manifest, the sha256 of every item and where it lies now, and notes until when the source is to be kept.',
    )
    .argument('<run>', 'its id', runId)
    .addOption(new Option('--days <days>', 'how long the source is kept').choices(['30', '90']).default('30'))
    .option('--out <file>', 'the manifest (default: migration-<run>.json)')
    .action(
      cli.action(async (id: string, { days, out = `migration-${id}.json` }: Options) => {
        const migrator = (await cli.services()).migrator();
        const archive = await migrator.archive(id, { days: days === '90' ? 90 : 30, file: out });
        const { file, items, sha256, keepUntil } = archive;
        cli.output.answer(archive, () =>
          [
            `${items} items in ${file}`,
            `sha256 ${sha256}`,
            `Keep the source until ${keepUntil.toISOString().slice(0, 10)}.`,
          ].join('\n'),
        );
        return exitCode.done;
      }),
    );
};
