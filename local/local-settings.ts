import { readFileSync } from 'node:fs';
import { z } from 'zod';

const localSettings = z.object({
  Values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

/**
 * Adds the `Values` of a local.settings.json to the environment, which goes before them. Returns null, or what is wrong with
 * the file; a file that is not there is none. Of what the file holds nothing is repeated.
 */
export function applyLocalSettings(file: string, env: NodeJS.ProcessEnv): string | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  try {
    const { Values } = localSettings.parse(JSON.parse(text));
    for (const [name, value] of Object.entries(Values)) env[name] ??= String(value);
    return null;
  } catch {
    return 'is not valid: it wants { "Values": { "NAME": "value" } } in JSON';
  }
}
