import { runBundled } from './run-bundled.mjs';

/** `npm start`: start.ts with all functions. */
await runBundled('local/start.ts', 'local');
