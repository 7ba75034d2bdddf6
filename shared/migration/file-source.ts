import { MigrationError } from './migration-contract';
import type { Selection, Source } from './source';

export async function openFileSource(_file: string, _selection: Selection): Promise<Source> {
  throw new MigrationError('file', 'Files are not read yet.');
}
