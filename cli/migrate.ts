import { addArchive } from './migrate-archive';
import { addReport, addValidate } from './migrate-check';
import { addCompare } from './migrate-compare';
import { addRollback } from './migrate-rollback';
import { addResume, addRun } from './migrate-run';
import { addStatus } from './migrate-status';
import type { AddCommand } from './keepsake';

/** `keepsake migrate …`: memories from one provider to another. */
export const addMigrate: AddCommand = (program, cli) => {
  const group = program
    .command('migrate')
    .summary('move memories from one provider to another')
    .description(
      'Moves memories from one provider to another, or from an export file: run, validate, report, and if need be rollback. ' +
        'Every item has a checkpoint, so that a run that was stopped or killed goes on with resume, and nothing is brought twice.',
    );
  for (const add of [addRun, addResume, addStatus, addValidate, addReport, addArchive, addRollback, addCompare]) {
    add(group, cli);
  }
};
