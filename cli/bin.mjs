#!/usr/bin/env node
import { runBundled } from '../local/run-bundled.mjs';

/** The `keepsake` command: main.ts with all commands. */
await runBundled('cli/main.ts', 'keepsake-cli');
