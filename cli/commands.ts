import { addDoctor } from './doctor';
import type { AddCommand } from './keepsake';
import { addExport, addImport } from './export';
import { addLoad } from './load';
import { addMigrate } from './migrate';
import { addReconcile, addSync } from './sync';

/** In the order of the help text. */
export const commands: AddCommand[] = [addMigrate, addExport, addImport, addSync, addReconcile, addLoad, addDoctor];
