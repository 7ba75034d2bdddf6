import type { IncomingMessage } from 'node:http';
import { equalSecrets } from '../shared/http/equal-secrets';

/**
 * Whether a request may call a function. A key is asked for only where one is set and the function is not anonymous; it
 * comes as `x-functions-key` or `?code=`.
 */
export function isAuthorised(message: IncomingMessage, authLevel: string, key: string | undefined): boolean {
  if (authLevel === 'anonymous' || key === undefined) return true;
  const given = message.headers['x-functions-key'] ?? new URLSearchParams(message.url?.split('?')[1]).get('code');
  return typeof given === 'string' && equalSecrets(given, key);
}
