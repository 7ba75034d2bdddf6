import { exitCode } from './exit-code';
import { wrongUsage } from './failure';
import type { AddCommand } from './keepsake';
import { migrationView } from '../shared/http/views';
import { runOf } from './migration-run-id';
import { describeRun } from './migration-text';
import { runId } from './options';

export const addRollback: AddCommand = (program, cli) => {
  program
    .command('rollback')
    .summary('take out of the target what a run put there')
    .description(
      'Takes out of the target what the run put there, newest first. What was there before it stays; so does the source.',
    )
    .argument('<run>', 'its id', runId)
    .option('--yes', 'do not ask')
    .action(
      cli.action(async (id: string, { yes = false }: { yes?: boolean }) => {
        const migrator = (await cli.services()).migrator();
        const { counts, to } = await runOf(migrator, id);
        const question = `Take ${counts.done} items of run ${id} out of ${to}?`;
        if (!yes && !(await cli.confirm(question)))
          throw wrongUsage('Nothing was rolled back.', 'Answer yes, or give --yes.');
        const status = await migrator.rollback(id, (step) => cli.progress().update(step), cli.stopping);
        cli.output.answer(migrationView(status), (colors) => describeRun(status, colors));
        if (status.state === 'rolled_back') return exitCode.done;
        return cli.stopping.aborted ? exitCode.interrupted : exitCode.failed;
      }),
    );
};
