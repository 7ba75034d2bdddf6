import { exitCode } from './exit-code';
import type { AddCommand } from './keepsake';
import { table } from './output';

export const addDoctor: AddCommand = (program, cli) =>
  program
    .command('doctor')
    .summary('what is wrong here, and what to do about it')
    .description(
      'Looks at settings, database, roles, provider, index, model, outbox and sync, and says what to do about what is not well.',
    )
    .action(
      cli.action(async () => {
        const services = await cli.services();
        const findings = await services.examine();
        const isWell = findings.every((each) => each.isWell);
        cli.output.answer({ isWell, findings }, (colors) => {
          const mark = (good: boolean) => (good ? colors.green('ok') : colors.red('wrong'));
          const rows = findings.flatMap(({ part, finding, next, ...each }) => [
            [mark(each.isWell), part.replace('_', ' '), finding],
            ...(next ? [['', '', colors.yellow(`→ ${next}`)]] : []),
          ]);
          return table(rows);
        });
        return isWell ? exitCode.done : exitCode.failed;
      }),
    );
