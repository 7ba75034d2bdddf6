import { exitCode } from './exit-code';
import type { AddCommand } from './keepsake';
import { migrationView } from '../shared/http/views';
import { describeRun, listRuns } from './migration-text';
import { runId } from './options';
import { runOf } from './migration-run-id';

const listed = 20;

export const addStatus: AddCommand = (program, cli) => {
  program
    .command('status')
    .summary('how far a run is; without one, the latest runs')
    .argument('[run]', 'its id', runId)
    .action(
      cli.action(async (id: string | undefined) => {
        const migrator = (await cli.services()).migrator();
        if (id === undefined) {
          const runs = await migrator.runs(listed);
          const none = 'No run yet; keepsake migrate run --help tells how to begin.';
          cli.output.answer({ runs: runs.map(migrationView) }, (colors) =>
            runs.length > 0 ? listRuns(runs, colors) : none,
          );
        } else {
          const run = await runOf(migrator, id);
          cli.output.answer(migrationView(run), (colors) => describeRun(run, colors));
        }
        return exitCode.done;
      }),
    );
};
