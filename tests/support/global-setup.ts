import { existsSync } from 'node:fs';
import { createDatabase } from '../../shared/database/client';
import { templateHome } from './home';

/** Makes the empty, migrated embedded database once (4 s); each test that needs one copies it (see home.ts). */
export default async function globalSetup(): Promise<void> {
  if (existsSync(templateHome())) return;
  const database = createDatabase({ home: templateHome(), url: undefined });
  await database.open();
  await database.close();
}
