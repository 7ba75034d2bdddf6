import type { ShadowComparison } from '../shared/migration/compare';
import { exitCode } from './exit-code';
import type { AddCommand } from './keepsake';
import { moment } from './options';
import { type Colors, table } from './output';

const dayMs = 86_400_000;
const defaultDays = 7;

export const addCompare: AddCommand = (program, cli) => {
  program
    .command('compare')
    .summary('how the second provider of a parallel run did beside the first')
    .description(
      'What MEMORY_SHADOW has recorded: calls, how much of the first one’s ten best the second one had, times in ms, errors.',
    )
    .option('--since <moment>', 'from then on (default: the last 7 days)', moment)
    .action(
      cli.action(async ({ since = new Date(Date.now() - defaultDays * dayMs) }: { since?: Date }) => {
        const rows = await (await cli.services()).compareShadow(since);
        const none = 'Nothing is recorded since then: MEMORY_SHADOW names the provider that is asked along.';
        cli.output.answer({ since, calls: rows.map(toView) }, (colors) =>
          rows.length > 0 ? describe(rows, colors) : none,
        );
        return exitCode.done;
      }),
    );
};

const toView = ({ errors, ...row }: ShadowComparison) => ({
  ...row,
  errors: Object.entries(errors).map(([name, count]) => ({ name, count })),
});

const ms = (value: number | null) => (value === null ? '–' : value);

function describe(rows: ShadowComparison[], colors: Colors): string {
  const head = ['', 'calls', 'overlap@10', 'first p50', 'p95', 'second p50', 'p95', 'errors'].map(colors.bold);
  const lines = rows.map(({ kind, calls, overlap, first, second, errors }) => [
    ...[kind, calls, overlap === null ? '–' : overlap.toFixed(2), first.p50, first.p95, ms(second.p50), ms(second.p95)],
    Object.entries(errors)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || '0',
  ]);
  return table([head, ...lines]);
}
