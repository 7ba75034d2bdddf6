import type { MigrationStatus, Migrator } from '../shared/migration/migration-contract';
import { wrongUsage } from './failure';

/** The run of this id, or the latest. Throws the usage error where there is none. */
export async function runOf(migrator: Migrator, id: string | undefined): Promise<MigrationStatus> {
  const status = await migrator.status(id);
  if (status) return status;
  throw wrongUsage(
    id === undefined ? 'There is no run yet.' : `There is no run ${id}.`,
    'keepsake migrate status lists them.',
  );
}
